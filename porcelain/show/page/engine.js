/* The water. It knows no page: a design in, volumes over time out.
 *
 * The method is that of porcelain.simulate. A bucket solves S d(u^2)/dt = q - Q(u), u = sqrt(head), for the volume:
 * the trapezoidal rule with its endpoint correction (Euler-Maclaurin, fourth order) makes the next u the root of a
 * quadratic. What leaves is what came minus what stayed, so that no water is lost whatever the error in time.
 * Buckets are taken top to bottom within a step, and a step is cut wherever a bucket starts, stops, meets its rim or
 * a change of its plan area. Volumes are mL, lengths mm, times s.
 */
(function (root) {
  "use strict";

  const MM3_PER_ML = 1000;
  const GRAVITY_MM_S2 = 9806.65; // standard gravity, CODATA
  const START_PARTS = 256; // the first stretch of a start is (1/16)^2 of the step: u grows as sqrt(t)
  const GROWTH = 0.25; // a stretch lets the head grow by no more than this
  const SMALLEST = 1e-7; // of a step: shorter stretches are taken as standing still
  const GRADED = 8; // steps after a change of pouring, growing as squares
  const STEPS_A_DRAIN = 220; // of the quickest bucket, at a tolerance of 1e-6
  const RESTING_ML_S = 3e-4;
  const NONE = -1;

  // ---- the machine, laid flat --------------------------------------------------------------------------------

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

  /** A design under Torricelli's law, Q = Cd a sqrt(2 g h), as bands of head in which the plan area is constant. */
  function layFlat(design) {
    const vessels = rowsOf(design).flat();
    const index = new Map(vessels.map((vessel, v) => [vessel.name, v]));
    const buckets = design.tiers.flat().map((bucket) => {
      const sill = stopAt(bucket), top = rim(bucket);
      const branches = design.pipes.map((pipe, place) => ({ pipe, place })).filter((b) => b.pipe.source === bucket.name);
      const areas = branches.reduce((sum, b) => sum + b.pipe.area_mm2, 0);
      const k = bucket.outlet.discharge / MM3_PER_ML * Math.sqrt(2 * GRAVITY_MM_S2) * areas;
      const edges = [sill, ...bucket.slab_tops_mm.filter((z) => z > sill + 1e-9 && z < top - 1e-9), top];
      const bands = edges.slice(1).map((high, i) => ({
        low: Math.sqrt(edges[i] - sill), high: Math.sqrt(high - sill),
        area: bucket.slab_areas_mm2[bucket.slab_tops_mm.findIndex((z) => z >= 0.5 * (edges[i] + high))] / MM3_PER_ML,
        ml: volumeAt(bucket, edges[i]) - volumeAt(bucket, sill), k, mid: 0, scale: 1, flow: null, share: null,
      }));
      const pipes = branches.map((b) => ({ target: index.get(b.pipe.target), place: b.place, share: b.pipe.area_mm2 / areas }));
      return { base: volumeAt(bucket, sill), bands, pipes };
    });
    return { law: "torricelli", nIn: design.tiers[0].length, nPipes: design.pipes.length, buckets, cups: design.cups.map(capacity) };
  }

  /** Rough time a bucket takes from its rim down: twice its water over its fastest flow. */
  function drainTime(bucket) {
    const top = bucket.bands[bucket.bands.length - 1];
    const fastest = top.k > 0 ? top.k * top.high : top.flow.reduce((a, b) => a + b, 0);
    return 2 * (top.ml + top.area * (top.high ** 2 - top.low ** 2)) / fastest;
  }

  // ---- one bucket --------------------------------------------------------------------------------------------

  function flowAt(band, u) {
    if (band.k > 0) return band.k * u;
    const x = (u - band.mid) * band.scale, f = band.flow;
    return f[0] + x * (f[1] + x * (f[2] + x * (f[3] + x * (f[4] + x * f[5]))));
  }

  function slope(band, u) {
    if (band.k > 0) return band.k;
    const x = (u - band.mid) * band.scale, f = band.flow;
    return band.scale * (f[1] + x * (2 * f[2] + x * (3 * f[3] + x * (4 * f[4] + x * 5 * f[5]))));
  }

  function shareAt(bucket, j, band, u) {
    if (!band.share) return bucket.pipes[j].share;
    const x = (u - band.mid) * band.scale, c = band.share[j];
    return c[0] + x * (c[1] + x * (c[2] + x * c[3]));
  }

  /** How a branch runs while the level stands where a flow jumps: what it gets whatever comes, and its part of the rest. */
  function betweenBands(bucket, j, below, above, u) {
    const low = flowAt(below, u), high = flowAt(above, u);
    const before = shareAt(bucket, j, below, u) * low, after = shareAt(bucket, j, above, u) * high;
    const part = high - low > 1e-12 * high ? (after - before) / (high - low) : shareAt(bucket, j, above, u);
    return [before - part * low, part];
  }

  /** mL/s into the j-th pipe of a bucket now. */
  function branchRate(bucket, st, j) {
    const { bands } = bucket;
    if (!st.stands) return st.flow * shareAt(bucket, j, bands[st.band], st.u);
    const [fixed, part] = betweenBands(bucket, j, bands[st.band - 1], bands[st.band], st.u);
    return fixed + part * st.flow;
  }

  const waterAt = (band, u) => band.ml + band.area * (u - band.low) * (u + band.low);
  const bend = (band, u, q) => slope(band, u) * (q - flowAt(band, u)) / (2 * band.area * u);
  const damping = (band, u, h) => 0.5 * h * slope(band, u) / band.area;

  /** u after h; below 0 where the water would not have lasted. It may lie outside the band. */
  function nextU(band, u0, came, q0, q1, h) {
    const area = band.area;
    const base = area * u0 * u0 + came - 0.5 * h * flowAt(band, u0);
    const corrected = u0 > damping(band, u0, h);
    const bend0 = corrected ? bend(band, u0, q0) : 0;
    let u1 = u0, extra = 0;
    for (let i = 0; i < 4; i++) {
      let at = Math.min(Math.max(u1, band.low), band.high);
      const s = slope(band, at), b = 0.5 * h * s;
      const rest = base + extra - 0.5 * h * (flowAt(band, at) - s * at);
      u1 = rest > 0 ? (Math.sqrt(b * b + 4 * area * rest) - b) / (2 * area) : NONE;
      at = Math.min(Math.max(u1, band.low), band.high);
      // near a stop at full flow u is no smooth measure of it; Q = k u is smooth to the end
      if (corrected && at > damping(band, at, h) && (band.k > 0 || at > 0.5 * u0)) extra = h * h / 12 * (bend(band, at, q1) - bend0);
      else {
        extra = 0;
        if (band.k > 0) break;
      }
    }
    return u1;
  }

  /** What has come by the fraction s of a step: the cubic with these end rates (times the step). */
  function cubic(s, came, a, b) {
    const t = 1 - s;
    return s * (t * (t * a - s * b) + s * came * (3 - 2 * s));
  }

  function cubicRate(s, came, a, b) {
    const t = 1 - s;
    return Math.max(6 * s * t * came + a * t * (1 - 3 * s) + b * s * (3 * s - 2), 0);
  }

  /** The middle of the last of `steps` halvings of [low, high] between which `past` turns true. */
  function bisect(low, high, steps, past) {
    for (let i = 0; i < steps; i++) {
      const mid = 0.5 * (low + high);
      if (past(mid)) high = mid;
      else low = mid;
    }
    return [low, high];
  }

  /** How long, within h, until u reaches the edge of its band: the root of the step's volume balance. */
  function edgeTime(band, u0, edge, s, h, came, a, b, dt) {
    if (came <= 0 && band.k > 0) return 2 * band.area * (u0 - edge) / band.k;
    const flows = flowAt(band, u0) + flowAt(band, edge);
    const start = cubic(s, came, a, b), q0 = cubicRate(s, came, a, b) / dt, rising = edge > u0;
    const [low, high] = bisect(0, h, 60, (mid) => {
      const end = s + mid / dt;
      let left = band.area * (u0 - edge) * (u0 + edge) + cubic(end, came, a, b) - start - 0.5 * mid * flows;
      if (u0 > damping(band, u0, mid) && edge > damping(band, edge, mid)) {
        const q1 = cubicRate(end, came, a, b) / dt;
        left += mid * mid / 12 * (bend(band, edge, q1) - bend(band, u0, q0));
      }
      return (left > 0) === rising;
    });
    return 0.5 * (low + high);
  }

  /** Put this much water above a bucket's base; return what does not fit under the rim. */
  function setLevel(bucket, st, water) {
    const bands = bucket.bands, last = bands.length - 1;
    const most = waterAt(bands[last], bands[last].high);
    const over = Math.max(water - most, 0);
    water -= over;
    let band = 0;
    while (band < last && water >= bands[band + 1].ml) band++;
    const at = bands[band];
    st.water = water;
    st.band = band;
    st.u = water > 0 ? Math.sqrt(Math.max(at.low * at.low + (water - at.ml) / at.area, 0)) : 0;
    if (water >= most) st.u = at.high;
    st.flow = water > 0 ? flowAt(at, st.u) : 0;
    st.stands = false;
    return over;
  }

  /** Share out a stretch's outflow; `turn` is h (Q1 - Q0) / 12, which makes it exact for straight shares. */
  function shareOut(bucket, st, band, u0, u1, out, turn) {
    for (let j = 0; j < bucket.pipes.length; j++) {
      if (!band.share) st.into[j] += bucket.pipes[j].share * out;
      else {
        const s0 = shareAt(bucket, j, band, u0), s1 = shareAt(bucket, j, band, u1);
        st.into[j] += 0.5 * (s0 + s1) * out + turn * (s1 - s0);
      }
    }
    st.out += out;
  }

  /** The same while the level stands on the edge between two bands for `h`. */
  function shareOutBetween(bucket, st, below, above, u, out, h) {
    for (let j = 0; j < bucket.pipes.length; j++) {
      const [fixed, part] = betweenBands(bucket, j, below, above, u);
      st.into[j] += fixed * h + part * out;
    }
    st.out += out;
  }

  /** Take a bucket from t0 over dt, in as many stretches as its edges ask for; `came` mL flow in, at q0 to q1. */
  function advanceBucket(bucket, st, t0, dt, came, q0, q1) {
    const bands = bucket.bands, last = bands.length - 1;
    // a cubic that never falls (Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238)
    const qa = Math.min(q0 * dt, 3 * came), qb = Math.min(q1 * dt, 3 * came);
    let s = 0, { water, u, band, flow: shown } = st, stands = false; // between two bands
    while (s < 1) {
      stands = false;
      const rest = came - cubic(s, came, qa, qb);
      if (water < 0) {
        if (rest < -water) {
          water += rest;
          break;
        }
        const goal = cubic(s, came, qa, qb) - water;
        s = bisect(s, 1, 60, (mid) => cubic(mid, came, qa, qb) >= goal)[1];
        water = 0; u = 0; band = 0;
        continue;
      }
      if (band === 0 && u <= 0 && rest <= 0) { // at the sill and nothing comes
        if (water > 0) { // rounding
          shareOut(bucket, st, bands[0], u, u, water, 0);
          water = 0;
        }
        shown = 0;
        break;
      }
      const rate = cubicRate(s, came, qa, qb) / dt;
      let flow = flowAt(bands[band], u);
      if (!st.runs) {
        st.runs = true;
        if (st.begin === NONE) st.begin = t0 + s * dt;
      }
      // standing on an edge: the inflow may be too much for the band below and too little for the one above
      let slide = false, floor = 0, roof = flow;
      if (band === last && u >= bands[last].high) {
        slide = rate >= flow;
        floor = flow;
        roof = Infinity;
      } else if (u <= bands[band].low) {
        if (band > 0) floor = flowAt(bands[band - 1], u);
        if (rate < floor * (1 - 1e-13)) {
          band--;
          flow = floor;
        } else slide = rate <= roof && roof > 0;
      }
      if (slide) {
        const ends = cubicRate(1, came, qa, qb) / dt, from = s;
        const until = (level, above) =>
          bisect(from, 1, 50, (mid) => (cubicRate(mid, came, qa, qb) > level * dt) === above)[1];
        let end = ends > roof ? until(roof, true) : ends < floor ? until(floor, false) : 1;
        end = Math.min(1, Math.max(end, s + SMALLEST));
        let out = cubic(end, came, qa, qb) - cubic(s, came, qa, qb);
        shown = Math.min(Math.max(ends, floor), roof);
        if (roof === Infinity) {
          const over = Math.max(out - flow * (end - s) * dt, 0);
          st.spilt += over;
          out -= over;
          shown = flow;
        }
        stands = band > 0 && roof < Infinity;
        if (stands) shareOutBetween(bucket, st, bands[band - 1], bands[band], u, out, (end - s) * dt);
        else shareOut(bucket, st, bands[band], u, u, out, 0);
        s = end;
        continue;
      }
      const here = bands[band];
      let h = (1 - s) * dt;
      const climb = (rate - flow) / here.area;
      if (climb > 0) h = Math.min(h, Math.max(dt / START_PARTS, GROWTH * u * u / climb));
      else if (u <= 0) h = Math.min(h, dt / START_PARTS);
      let end = h >= (1 - s) * dt ? 1 : Math.min(s + h / dt, 1);
      let amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb);
      let u1 = nextU(here, u, amount, rate, cubicRate(end, came, qa, qb) / dt, h);
      const edge = u1 >= here.high ? here.high : u1 <= here.low ? here.low : NONE;
      if (edge >= 0) { // at an edge that it cannot leave it stands still for a moment
        h = edge !== u ? Math.max(edgeTime(here, u, edge, s, h, came, qa, qb, dt), SMALLEST * dt) : Math.min(h, dt / START_PARTS);
        end = Math.min(s + h / dt, 1);
        amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb);
        u1 = edge;
      }
      let water1 = waterAt(here, u1), out = water + amount - water1;
      if (out < 0) { // nothing runs back
        water1 = water + amount;
        out = 0;
        u1 = Math.sqrt(Math.max(here.low ** 2 + (water1 - here.ml) / here.area, here.low ** 2));
        u1 = Math.min(u1, here.high);
      }
      shown = flowAt(here, u1);
      shareOut(bucket, st, here, u, u1, out, h * (shown - flow) / 12);
      water = water1;
      u = u1;
      s = end;
      if (band === 0 && u <= 0) {
        water = Math.min(water, 0);
        u = 0;
        if (st.end < t0 + s * dt) st.end = t0 + s * dt;
      } else if (band < last && u >= here.high) {
        band++;
        shown = flowAt(bands[band], u);
      }
    }
    st.water = water; st.u = u; st.band = band; st.flow = shown; st.stands = stands;
  }

  // ---- the whole machine -------------------------------------------------------------------------------------

  /** An empty machine at time 0. `pieces` of pouring may be added at any time, in the past of none. */
  function start(machine, tolerance = 1e-6) {
    const quickest = Math.min(...machine.buckets.map(drainTime));
    return {
      machine, t: 0, pieces: [], given: [], graded: { from: 0, next: 1 },
      step: quickest / STEPS_A_DRAIN * (tolerance / 1e-6) ** 0.25,
      buckets: machine.buckets.map((bucket) => ({
        water: -bucket.base, u: 0, band: 0, flow: 0, flow0: 0, runs: false, begin: NONE, end: 0, stopped: 0, spilt: 0, out: 0, stands: false,
        into: new Float64Array(bucket.pipes.length), rate0: new Float64Array(bucket.pipes.length),
        passed: new Float64Array(bucket.pipes.length),
      })),
      cups: machine.cups.map(() => ({ water: 0, spilt: 0 })),
    };
  }

  /** Plan a piece of pouring: { input, start_s, duration_s, volume_ml, rise }; a duration of Infinity pours on at rate_ml_s. */
  function add(sim, piece) {
    sim.pieces.push({ rise: 0, ...piece });
    sim.given.push(0);
    return sim.pieces.length - 1;
  }

  /** Take the jug of an endless piece away, now. */
  function stop(sim, index) {
    const piece = sim.pieces[index];
    if (piece.duration_s !== Infinity) return;
    piece.duration_s = Math.max(sim.t - piece.start_s, 0);
    piece.volume_ml = piece.rate_ml_s * piece.duration_s;
    sim.given[index] = piece.volume_ml;
    sim.graded = { from: sim.t, next: 1 };
  }

  /** What a piece has poured by t. */
  function pouredBy(piece, t) {
    const past = t - piece.start_s;
    if (piece.duration_s === 0) return past >= 0 ? piece.volume_ml : 0;
    if (piece.duration_s === Infinity) return Math.max(past, 0) * piece.rate_ml_s;
    const done = Math.min(Math.max(past / piece.duration_s, 0), 1);
    return piece.volume_ml * done * (1 - piece.rise * (1 - done));
  }

  /** The rate of a piece just after (side 1) or just before (side -1) t. */
  function pouring(piece, t, side) {
    const end = piece.start_s + piece.duration_s;
    if (piece.duration_s === 0 || !(side > 0 ? piece.start_s <= t && t < end : piece.start_s < t && t <= end)) return 0;
    if (piece.duration_s === Infinity) return piece.rate_ml_s;
    return piece.volume_ml / piece.duration_s * (1 + piece.rise * (2 * (t - piece.start_s) / piece.duration_s - 1));
  }

  /** Everything that is poured at once at or before now. */
  function atOnce(sim) {
    sim.pieces.forEach((piece, k) => {
      if (piece.duration_s !== 0 || sim.given[k] > 0 || piece.start_s > sim.t || !(piece.volume_ml > 0)) return;
      sim.given[k] = piece.volume_ml;
      const bucket = sim.machine.buckets[piece.input], st = sim.buckets[piece.input];
      st.spilt += setLevel(bucket, st, st.water + piece.volume_ml);
      st.runs = st.runs || st.flow > 0;
      for (let j = 0; j < bucket.pipes.length; j++) st.rate0[j] = branchRate(bucket, st, j);
      sim.graded = { from: sim.t, next: 1 };
    });
  }

  /** Take the machine over one step, in which no piece begins or ends. */
  function step(sim, t1) {
    const { machine, t: t0 } = sim, dt = t1 - t0, n = machine.buckets.length;
    const came = new Float64Array(n + machine.cups.length), q0 = new Float64Array(n), q1 = new Float64Array(n);
    const since = new Float64Array(n).fill(t1), until = new Float64Array(n).fill(t0), more = new Uint8Array(n);
    sim.pieces.forEach((piece, k) => {
      if (piece.duration_s === 0 || t1 <= piece.start_s || t0 >= piece.start_s + piece.duration_s) return;
      const total = pouredBy(piece, t1), v = piece.input;
      came[v] += total - sim.given[k];
      sim.given[k] = total;
      q0[v] += pouring(piece, t0, 1);
      q1[v] += pouring(piece, t1, -1);
      since[v] = t0;
      until[v] = t1;
    });
    sim.pieces.forEach((piece) => { if (pouring(piece, t1, 1) > 0) more[piece.input] = 1; });
    for (let b = 0; b < n; b++) {
      const bucket = machine.buckets[b], st = sim.buckets[b];
      if (st.water + came[b] <= 0 && !st.runs) { // fills what stays below its outlet
        st.water += came[b];
        continue;
      }
      const flow0 = st.flow;
      st.out = 0;
      st.into.fill(0);
      st.begin = st.runs ? t0 : NONE;
      st.end = t0;
      if (came[b] <= 0 || until[b] <= since[b]) advanceBucket(bucket, st, t0, dt, came[b], 0, 0);
      else { // a step whose inflow runs from `since` to `until` only
        if (since[b] > t0) advanceBucket(bucket, st, t0, since[b] - t0, 0, 0, 0);
        advanceBucket(bucket, st, since[b], until[b] - since[b], came[b], q0[b], q1[b]);
        if (until[b] < t1) advanceBucket(bucket, st, until[b], t1 - until[b], 0, 0, 0);
      }
      if (st.runs) {
        if (st.u <= 0 && st.water <= 0 && !(q1[b] > 0 && until[b] >= t1) && !more[b]) {
          st.runs = false;
          st.flow = 0;
          st.stopped = st.end;
        } else st.end = t1;
      }
      for (let j = 0; j < bucket.pipes.length; j++) {
        const v = bucket.pipes[j].target;
        const rate1 = branchRate(bucket, st, j);
        st.passed[j] += st.into[j];
        came[v] += st.into[j];
        if (v < n) {
          q0[v] += st.rate0[j];
          q1[v] += rate1;
          if (st.out > 0) {
            since[v] = Math.min(since[v], flow0 > 0 ? t0 : Math.max(st.begin, t0));
            until[v] = Math.max(until[v], st.flow > 0 ? t1 : st.end);
          }
        }
        st.rate0[j] = rate1;
      }
    }
    machine.cups.forEach((most, c) => {
      const cup = sim.cups[c], full = cup.water + came[n + c];
      cup.water = Math.min(full, most);
      cup.spilt += full - cup.water;
    });
    sim.t = t1;
  }

  /** Follow the water up to a time. */
  function advance(sim, until) {
    for (;;) {
      atOnce(sim);
      if (sim.t >= until) return sim;
      let next = Math.min(until, sim.t + sim.step);
      for (const piece of sim.pieces)
        for (const change of [piece.start_s, piece.start_s + piece.duration_s]) {
          if (change > sim.t && change < next) next = change;
          if (change === sim.t && sim.graded.from !== change) sim.graded = { from: change, next: 1 };
        }
      while (sim.graded.next <= GRADED) {
        const at = sim.graded.from + sim.step * (sim.graded.next / GRADED) ** 2;
        if (at > sim.t) {
          next = Math.min(next, at);
          break;
        }
        sim.graded.next++;
      }
      step(sim, next);
    }
  }

  /** Whether no water moves and none is still to be poured. */
  function still(sim) {
    return sim.pieces.every((piece) => piece.start_s + piece.duration_s <= sim.t)
      && sim.buckets.every((st) => !st.runs && st.water <= 0);
  }

  /** Whether what still moves is too little to be seen: level sills pass ever less and never quite stop. */
  function resting(sim) {
    return sim.pieces.every((piece) => piece.start_s + piece.duration_s <= sim.t)
      && sim.buckets.reduce((sum, st) => sum + st.flow, 0) < RESTING_ML_S;
  }

  /** mL in every vessel, buckets and then cups. */
  function volumes(sim) {
    return [...sim.buckets.map((st, b) => st.water + sim.machine.buckets[b].base), ...sim.cups.map((cup) => cup.water)];
  }

  /** Per pipe, in the design's order: mL/s now, and mL so far. */
  function pipes(sim) {
    const flow = new Float64Array(sim.machine.nPipes), passed = new Float64Array(sim.machine.nPipes);
    sim.machine.buckets.forEach((bucket, b) => bucket.pipes.forEach((pipe, j) => {
      flow[pipe.place] = sim.buckets[b].rate0[j];
      passed[pipe.place] = sim.buckets[b].passed[j];
    }));
    return { flow, passed };
  }

  /** Where all the water is, mL: poured = cups + kept + moving + spilled, but for rounding. */
  function balance(sim) {
    const poured = sim.pieces.reduce((sum, piece) => sum + pouredBy(piece, sim.t), 0);
    let kept = 0, moving = 0, spilled = 0, cups = 0;
    sim.buckets.forEach((st, b) => {
      kept += Math.min(st.water, 0) + sim.machine.buckets[b].base;
      moving += Math.max(st.water, 0);
      spilled += st.spilt;
    });
    for (const cup of sim.cups) {
      cups += cup.water;
      spilled += cup.spilt;
    }
    return { poured, cups, kept, moving, spilled, off: poured - cups - kept - moving - spilled };
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
      ...sim, pieces: sim.pieces.map((piece) => ({ ...piece })), given: [...sim.given], graded: { ...sim.graded },
      buckets: sim.buckets.map((st) => ({ ...st, into: st.into.slice(), rate0: st.rate0.slice(), passed: st.passed.slice() })),
      cups: sim.cups.map((cup) => ({ ...cup })),
    };
  }

  // ---- without time ------------------------------------------------------------------------------------------

  /** Per tier, thresholds (mL) and shares of a design: the equation its millimetres compute. */
  function layers(design) {
    const rows = rowsOf(design);
    return design.tiers.map((row, k) => {
      const index = new Map(rows[k + 1].map((vessel, j) => [vessel.name, j]));
      const areas = row.map(() => new Array(rows[k + 1].length).fill(0));
      const at = new Map(row.map((bucket, i) => [bucket.name, i]));
      for (const pipe of design.pipes) if (at.has(pipe.source)) areas[at.get(pipe.source)][index.get(pipe.target)] += pipe.area_mm2;
      return {
        thresholds: row.map(threshold),
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
  if (typeof module !== "undefined" && module.exports) module.exports = Engine;
  else root.Engine = Engine;
})(typeof globalThis !== "undefined" ? globalThis : this);
