/* The water. It knows no page: a design in, volumes over time out.
 *
 * The method is that of porcelain.simulate, function by function: trajectory.js, outlet.js, step.js, motion.js and
 * bucket.js. A pour is solved whole, from what is known of it; whatever changes it has it solved anew. To advance is
 * to read the solution at a time. Volumes are mL, lengths mm, times s.
 */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const { evaluate, seek, pourPieces } = node ? require("./trajectory.js") : root.Trajectory;
  const { solveBucket } = node ? require("./bucket.js") : root.Bucket;
  const { SHARE, TINY, FILL, GRAVITY_MM_S2 } = Constants;

  const MM3_PER_ML = 1000;
  const RESTING_ML_S = 3e-4;
  const LATEST_S = 1e10;
  const AHEAD_S = 10; // an endless piece of pouring is solved so far ahead of the time that is asked for
  const PIECES = 64, EVENTS = 8, MOST_PIECES = 2 ** 22; // room a trajectory is given first, and all of them at most

  // ---- the machine, as tables ----------------------------------------------------------------------------------

  /** mL below a height above the inner floor. */
  function volumeAt(vessel, level) {
    let below = 0, volume = 0;
    for (let k = 0; k < vessel.slab_tops_mm.length; k++) {
      const top = Math.min(vessel.slab_tops_mm[k], level);
      if (top > below) volume += (top - below) * vessel.slab_areas_mm2[k] / MM3_PER_ML;
      below = vessel.slab_tops_mm[k];
    }
    return volume;
  }

  /** Height in mm above the inner floor of a volume in mL; the rim for anything above the capacity. */
  function levelAt(vessel, volume) {
    let below = 0, left = Math.max(volume, 0);
    for (let k = 0; k < vessel.slab_tops_mm.length; k++) {
      const area = vessel.slab_areas_mm2[k] / MM3_PER_ML, height = vessel.slab_tops_mm[k] - below;
      if (left < height * area) return below + left / area;
      left -= height * area;
      below = vessel.slab_tops_mm[k];
    }
    return below;
  }

  const rim = (vessel) => vessel.slab_tops_mm[vessel.slab_tops_mm.length - 1];
  const capacity = (vessel) => volumeAt(vessel, rim(vessel));
  /** Where an outlet stops: its sill, or above it where the design counts on what surface tension holds back. */
  const stopAt = (bucket) => bucket.outlet.sill_mm + (bucket.outlet.stop_mm || 0);
  const threshold = (bucket) => volumeAt(bucket, stopAt(bucket));
  const rowsOf = (design) => [...design.tiers, design.cups];

  /** A design with ideal water, Q = Cd a sqrt(2 g h) from the sill on: the tables that porcelain.show.water writes. */
  function layFlat(design) {
    const vessels = rowsOf(design).flat(), buckets = design.tiers.flat(), nIn = design.tiers[0].length;
    const index = new Map(vessels.map((vessel, v) => [vessel.name, v]));
    const m = {
      law: "torricelli", water: "ideal", nIn, nBuckets: buckets.length, bucket: [], source: [], band: [], poly: [], edge: [],
      edgeBand: [], pipeStream: [], pipeFactor: [], pipeDelay: design.pipes.map(() => 0), pipeSource: [],
    };
    const areas = buckets.map((bucket) => design.pipes.reduce((sum, p) => sum + (p.source === bucket.name ? p.area_mm2 : 0), 0));
    for (const pipe of design.pipes) {
      const source = index.get(pipe.source);
      m.pipeStream.push(nIn + 2 * source);
      m.pipeFactor.push(pipe.area_mm2 / areas[source]);
      m.pipeSource.push(source);
    }
    vessels.forEach((vessel, v) => {
      const cup = v >= buckets.length, streamFirst = nIn + (cup ? buckets.length + v : 2 * v);
      const b = {
        base: 0, capacity: capacity(vessel), gate: cup ? Infinity : 0, way: 0, tier: rowsOf(design).findIndex((row) => row.includes(vessel)),
        sourceFirst: m.source.length, bandFirst: 0, bandEnd: 0, edgeFirst: 0, edgeEnd: 0, streamFirst, streamEnd: streamFirst + (cup ? 1 : 2),
      };
      if (v < nIn) m.source.push({ stream: v, factor: 1, delay: 0, cursor: 0, corner: 0 });
      design.pipes.forEach((pipe, p) => {
        if (pipe.target === vessel.name) m.source.push({ stream: m.pipeStream[p], factor: m.pipeFactor[p], delay: 0, cursor: 0, corner: 0 });
      });
      b.sourceEnd = m.source.length;
      if (!cup) layOutlet(m, b, vessel, areas[v]);
      m.bucket.push(b);
    });
    return m;
  }

  /** The bands and edges of a bucket: between two edges the flow is a straight line in the root of the volume. */
  function layOutlet(m, b, vessel, pipes) {
    const sill = vessel.outlet.sill_mm, top = rim(vessel);
    const k = vessel.outlet.discharge / MM3_PER_ML * Math.sqrt(2 * GRAVITY_MM_S2) * pipes;
    const heights = [sill, ...vessel.slab_tops_mm.filter((z) => z > sill + 1e-9 && z < top - 1e-9), top];
    b.base = volumeAt(vessel, sill);
    b.bandFirst = m.band.length;
    b.edgeFirst = m.edge.length;
    heights.forEach((height, i) => {
      m.edgeBand.push(m.band.length);
      m.edge.push(volumeAt(vessel, height) - b.base);
      if (i + 1 === heights.length) return;
      const middle = 0.5 * (height + heights[i + 1]);
      const area = vessel.slab_areas_mm2[vessel.slab_tops_mm.findIndex((z) => z >= middle)] / MM3_PER_ML;
      m.band.push({
        high: volumeAt(vessel, heights[i + 1]) - b.base, origin: m.edge[m.edge.length - 1] - area * (height - sill),
        root: 1, exact: 1, mid: 0, scale: 1, row: m.poly.length,
      });
      m.poly.push([0, k / Math.sqrt(area)]);
    });
    b.bandEnd = m.band.length;
    b.edgeEnd = m.edge.length;
  }

  // ---- the whole machine -------------------------------------------------------------------------------------

  /** An empty machine at time 0, or one in which `standing` mL stand. `pieces` of pouring may be added at any time. */
  function start(machine, tolerance = 1e-8, standing = []) {
    const all = machine.bucket.map((b, v) => standing[v] || 0);
    const vessel = () => ({ water: 0, spilt: 0, flow: 0, passed: 0, stopped: 0, runs: false });
    const sim = {
      machine, tolerance, t: 0, pieces: [], standing: all, step: 0.02, solved: null,
      buckets: Array.from({ length: machine.nBuckets }, vessel),
      cups: Array.from({ length: machine.bucket.length - machine.nBuckets }, vessel),
    };
    look(sim);
    return sim;
  }

  /** Plan a piece of pouring: { input, start_s, duration_s, volume_ml, rise }; a duration of Infinity pours on at rate_ml_s. */
  function add(sim, piece) {
    sim.pieces.push({ rise: 0, ...piece });
    sim.solved = null;
    return sim.pieces.length - 1;
  }

  /** Take the jug of an endless piece away, now. */
  function stop(sim, index) {
    const piece = sim.pieces[index];
    if (piece.duration_s !== Infinity) return;
    piece.duration_s = Math.max(sim.t - piece.start_s, 0);
    piece.volume_ml = piece.rate_ml_s * piece.duration_s;
    sim.solved = null;
  }

  /** What a piece has poured by t. */
  function pouredBy(piece, t) {
    const past = t - piece.start_s;
    if (piece.duration_s === 0) return past >= 0 ? piece.volume_ml : 0;
    if (piece.duration_s === Infinity) return Math.max(past, 0) * piece.rate_ml_s;
    const done = Math.min(Math.max(past / piece.duration_s, 0), 1);
    return piece.volume_ml * done * (1 - piece.rise * (1 - done));
  }

  /** Every piece of pouring into each input as what changes when it begins and ends, by time. */
  function changesOf(sim, until) {
    const changes = Array.from({ length: sim.machine.nIn }, () => []);
    for (const piece of sim.pieces) {
      const lasts = piece.duration_s === Infinity ? Math.max(until - piece.start_s, 0) : piece.duration_s;
      const ml = piece.duration_s === Infinity ? piece.rate_ml_s * lasts : piece.volume_ml;
      if (!(ml > 0)) continue;
      const to = changes[piece.input];
      if (lasts === 0) {
        to.push({ time: piece.start_s, volume: ml, rate: 0, slope: 0, count: 0 });
        continue;
      }
      const mean = ml / lasts, slope = 2 * mean * piece.rise / lasts;
      to.push({ time: piece.start_s, volume: 0, rate: mean * (1 - piece.rise), slope, count: 1 });
      to.push({ time: piece.start_s + lasts, volume: 0, rate: -mean * (1 + piece.rise), slope: -slope, count: -1 });
    }
    return changes.map((list) => list.sort((a, b) => a.time - b.time));
  }

  /** Room for the trajectories of one pour. */
  function roomFor(machine, pieces, events) {
    const streams = machine.bucket[machine.bucket.length - 1].streamEnd;
    const widest = Math.max(...machine.bucket.map((b) => b.streamEnd - b.streamFirst));
    const piece = () => ({ start: 0, perS: 0, kind: 0, corner: 0, c0: 0, c1: 0, c2: 0, c3: 0, c4: 0, c5: 0 });
    return {
      piece: Array.from({ length: pieces }, piece),
      stream: Array.from({ length: streams }, () => ({ first: 0, count: 0, stride: 1 })),
      source: machine.source.map((source) => ({ ...source })),
      event: Array.from({ length: events }, () => ({ time: 0, vessel: 0, what: 0 })),
      used: [0, 0, 0], still: machine.bucket.map(() => 0), gate: machine.bucket.map(() => 0),
      state: [{}], branch: Array.from({ length: widest }, () => ({ volume: 0, fixed: 0, part: 0 })),
    };
  }

  /** Set the gates of the tier that begins with vessel v; returns where the next tier begins. */
  function gates(m, w, tier, v, pourEnd) {
    let opens = pourEnd;
    for (let k = 0; k < v; k++) opens = Math.max(opens, w.still[k] + m.bucket[k].way);
    while (v < m.bucket.length && m.bucket[v].tier === tier) {
      const { gate } = m.bucket[v];
      w.gate[v] = gate === FILL ? opens : gate === null ? Infinity : gate;
      v++;
    }
    return v;
  }

  /** Solve every vessel of one pour; false where there is too little room for its trajectories. */
  function solvePour(m, w, changes, standing, until, tolerance, pourEnd) {
    w.used = [0, 0, w.piece.length - 2];
    let total = 0;
    for (let i = 0; i < m.nIn; i++) {
      if (w.used[0] + changes[i].length + 8 >= w.piece.length) return false;
      const stream = w.stream[i];
      stream.first = w.used[0];
      stream.stride = 1;
      stream.count = pourPieces(w.piece, w.used[0], changes[i]);
      w.used[0] += stream.count;
      total += w.piece[stream.first + stream.count - 1].c0;
    }
    for (const ml of standing) total += ml;
    let ready = 0, tier = 0;
    for (let v = 0; v < m.bucket.length; v++) {
      if (v === ready) ready = gates(m, w, tier++, v, pourEnd);
      if (!solveBucket(m, w, v, standing[v], until, SHARE * tolerance * total, 100 * tolerance, TINY * total)) return false;
    }
    return true;
  }

  /** Solve what is known of the pour; an endless piece counts as one that ends a while after `t`. */
  function solve(sim, t) {
    const m = sim.machine, endless = sim.pieces.some((piece) => piece.duration_s === Infinity);
    const until = endless ? t + AHEAD_S : Infinity, changes = changesOf(sim, until);
    const pourEnd = Math.max(0, ...sim.pieces.map((p) => p.duration_s === Infinity ? until : p.start_s + p.duration_s));
    const streams = m.bucket[m.bucket.length - 1].streamEnd;
    for (let room = PIECES * streams; room <= MOST_PIECES; room *= 2) {
      const w = roomFor(m, room, EVENTS * streams);
      if (!solvePour(m, w, changes, sim.standing, endless ? until : LATEST_S, sim.tolerance, pourEnd)) continue;
      sim.solved = { w, until };
      return;
    }
    throw new Error(`a pour of ${sim.pieces.length} pieces takes more than ${MOST_PIECES} pieces of trajectory; pour fewer`);
  }

  /** Volume and rate of a trajectory just after t. */
  function sample(w, s, t) {
    const stream = w.stream[s], i = seek(w.piece, stream, 0, t, 1);
    const [volume, rate] = evaluate(w.piece, stream.first + i * stream.stride, t);
    return [volume, Math.max(rate, 0)];
  }

  /** Read what stands in every vessel now. */
  function look(sim) {
    if (!sim.solved || sim.t > sim.solved.until) solve(sim, sim.t);
    const { machine: m, solved: { w }, t } = sim, passed = w.stream.map(() => 0), rates = w.stream.map(() => 0);
    for (let s = 0; s < m.nIn; s++) [passed[s], rates[s]] = sample(w, s, t);
    m.bucket.forEach((b, v) => {
      let volume = sim.standing[v];
      for (let k = b.sourceFirst; k < b.sourceEnd; k++) {
        const { stream, factor, delay } = m.source[k];
        volume += factor * (delay === 0 ? passed[stream] : sample(w, stream, t - delay)[0]);
      }
      for (let s = b.streamEnd - 1; s >= b.streamFirst; s--) {
        [passed[s], rates[s]] = sample(w, s, t);
        passed[s] = Math.min(passed[s], volume); // rounding leaves no vessel less than nothing
        volume -= passed[s];
      }
      const st = v < m.nBuckets ? sim.buckets[v] : sim.cups[v - m.nBuckets];
      st.water = volume - b.base;
      st.spilt = passed[b.streamEnd - 1];
      st.flow = st.passed = 0;
      for (let s = b.streamFirst; s < b.streamEnd - 1; s++) {
        st.flow += rates[s];
        st.passed += passed[s];
      }
      st.runs = st.flow > 0;
      st.stopped = w.still[v];
    });
    sim.now = { passed, rates };
  }

  /** Follow the water up to a time. */
  function advance(sim, until) {
    sim.t = Math.max(sim.t, until);
    look(sim);
    return sim;
  }

  const poured = (sim) => sim.pieces.every((piece) => piece.start_s + piece.duration_s <= sim.t);
  const longest = (sim) => Math.max(0, ...sim.machine.pipeDelay);

  /** Whether no water moves and none is still to be poured. */
  function still(sim) {
    return poured(sim) && sim.buckets.every((st) => st.stopped + longest(sim) <= sim.t);
  }

  /** Whether what still moves is too little to be seen: level sills pass ever less and never quite stop. */
  function resting(sim) {
    return poured(sim) && balance(sim).onTheWay < RESTING_ML_S && sim.buckets.reduce((sum, st) => sum + st.flow, 0) < RESTING_ML_S;
  }

  /** mL in every vessel, buckets and then cups. */
  function volumes(sim) {
    return [...sim.buckets, ...sim.cups].map((st, v) => st.water + sim.machine.bucket[v].base);
  }

  /** Per pipe, in the design's order: mL/s now, and mL so far. */
  function pipes(sim) {
    const { pipeStream, pipeFactor } = sim.machine, of = (all) => Float64Array.from(pipeStream, (s, p) => pipeFactor[p] * all[s]);
    return { flow: of(sim.now.rates), passed: of(sim.now.passed) };
  }

  /** Where all the water is, mL: poured = cups + kept + moving + spilled, but for rounding. Spill that is caught is moving. */
  function balance(sim) {
    const { machine: m } = sim;
    const all = sim.pieces.reduce((sum, piece) => sum + pouredBy(piece, sim.t), 0) + sim.standing.reduce((a, b) => a + b, 0);
    let kept = 0, moving = 0, spilled = 0, cups = 0, onTheWay = 0;
    sim.buckets.forEach((st, b) => {
      kept += Math.min(st.water, 0) + m.bucket[b].base;
      moving += Math.max(st.water, 0);
      spilled += st.spilt;
    });
    for (const cup of sim.cups) {
      cups += cup.water;
      spilled += cup.spilt;
    }
    const spills = new Set(m.bucket.map((b) => b.streamEnd - 1));
    for (const source of m.source) {
      if (spills.has(source.stream)) spilled -= sim.now.passed[source.stream];
      if (source.delay > 0) onTheWay += source.factor * (sim.now.passed[source.stream] - sample(sim.solved.w, source.stream, sim.t - source.delay)[0]);
    }
    moving += onTheWay;
    return { poured: all, cups, kept, moving, spilled, onTheWay, off: all - cups - kept - moving - spilled };
  }

  /** mL per input that all pieces pour in the end; endless ones count up to now. */
  function totals(sim) {
    const sums = new Array(sim.machine.nIn).fill(0);
    for (const piece of sim.pieces) sums[piece.input] += piece.duration_s === Infinity ? pouredBy(piece, sim.t) : piece.volume_ml;
    return sums;
  }

  /** The same machine at the same moment, free to go another way. */
  function copy(sim) {
    return {
      ...sim, pieces: sim.pieces.map((piece) => ({ ...piece })),
      buckets: sim.buckets.map((st) => ({ ...st })), cups: sim.cups.map((cup) => ({ ...cup })),
    };
  }

  // ---- without time ------------------------------------------------------------------------------------------

  /** Per tier, thresholds (mL) and shares of a design, with its own water or as a machine of tables keeps water. */
  function layers(design, machine = null) {
    const rows = rowsOf(design), buckets = design.tiers.flat();
    const keeps = (bucket) => machine ? machine.bucket[buckets.indexOf(bucket)].base : threshold(bucket);
    return design.tiers.map((row, k) => {
      const index = new Map(rows[k + 1].map((vessel, j) => [vessel.name, j]));
      const areas = row.map(() => new Array(rows[k + 1].length).fill(0));
      const at = new Map(row.map((bucket, i) => [bucket.name, i]));
      for (const pipe of design.pipes) if (at.has(pipe.source)) areas[at.get(pipe.source)][index.get(pipe.target)] += pipe.area_mm2;
      return {
        thresholds: row.map(keeps),
        shares: areas.map((line) => {
          const sum = line.reduce((a, b) => a + b, 0);
          return line.map((area) => area / sum);
        }),
      };
    });
  }

  /** relu(v - threshold) @ shares, layer on layer: what reaches every row, and what stays in it, mL. */
  function settle(net, poured) {
    const inflows = [poured], kept = [];
    for (const layer of net) {
      const v = inflows[inflows.length - 1], next = new Array(layer.shares[0].length).fill(0);
      kept.push(v.map((x, i) => Math.min(x, layer.thresholds[i])));
      v.forEach((x, i) => {
        const passes = Math.max(x - layer.thresholds[i], 0);
        layer.shares[i].forEach((share, j) => { next[j] += passes * share; });
      });
      inflows.push(next);
    }
    return { inflows, kept, cups: inflows[inflows.length - 1] };
  }

  /** The fullest, the first of equals; -1 where all are empty. */
  function winner(cups) {
    let best = -1;
    cups.forEach((ml, j) => { if (ml > (best < 0 ? 0 : cups[best])) best = j; });
    return best;
  }

  // ---- doubt -------------------------------------------------------------------------------------------------

  /** A small generator of uniform numbers from a seed (mulberry32): the same print for the same link. */
  function random(seed) {
    let a = seed >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), a | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** Normal with mean 0 and sd 1 (Box and Muller 1958). */
  const normal = (uniform) => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

  /** The design as one print may turn out: every bore's diameter and every sill's height off by a normal error. */
  function printed(design, bore_sd_mm, sill_sd_mm, seed) {
    const uniform = random(seed);
    const bores = design.pipes.map((pipe) => {
      const bore = Math.sqrt(4 * pipe.area_mm2 / Math.PI); // that of a round pipe of this area
      const off = Math.max(bore + bore_sd_mm * normal(uniform), 0.05 * bore);
      return { ...pipe, area_mm2: pipe.area_mm2 * (off / bore) ** 2 };
    });
    const tiers = design.tiers.map((row) => row.map((bucket) => {
      const sill = Math.min(Math.max(bucket.outlet.sill_mm + sill_sd_mm * normal(uniform), 0), 0.999 * rim(bucket) - (bucket.outlet.stop_mm || 0));
      return { ...bucket, outlet: { ...bucket.outlet, sill_mm: sill } };
    }));
    return { ...design, pipes: bores, tiers };
  }

  const Engine = {
    layFlat, start, add, stop, advance, still, resting, volumes, pipes, balance, totals, copy, layers, settle, winner, printed,
    volumeAt, levelAt, rim, capacity, threshold, rowsOf, pouredBy,
  };
  if (node) module.exports = Engine;
  else root.Engine = Engine;
})(typeof globalThis !== "undefined" ? globalThis : this);
