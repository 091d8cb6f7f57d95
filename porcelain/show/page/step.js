/* What a bucket hands on, and a step that is tried. The second part of porcelain.simulate.bucket. */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const Trajectory = node ? require("./trajectory.js") : root.Trajectory;
  const { evaluate, writePiece, writeConstant, markCorner, inflow, whenCame } = Trajectory;
  const Outlet = node ? require("./outlet.js") : root.Outlet;
  const { findBand, outlet, wholeJet, branchJet, finite, ends, leaves, misfit, endWater, reachEdge } = Outlet;
  const { CORNER, END, PART, PLAIN, ROUGH, START, UNSEEN } = Constants;
  const isInfinite = (x) => Math.abs(x) === Infinity;

  /** The place of a further piece of a trajectory. */
  function append(w, stream) {
    let i;
    i = stream.first + stream.count * stream.stride;
    stream.count += 1;
    if (stream.stride < 0) {
      w.used[2] -= 1;
    } else {
      w.used[0] += 1;
    }
    return i;
  }

  function finish(w, stream, i, leastMl) {
    if (stream.count > 1) {
      markCorner(w.piece, i, i - stream.stride, leastMl);
    }
  }

  /** Write a piece of the j-th trajectory of a bucket. */
  function handOn(w, b, s, j, t, h, kind, whole, near, far) {
    let stream, branch, i;
    stream = w.stream[b.streamFirst + j]; branch = w.branch[j];
    i = append(w, stream);
    writePiece(w.piece, i, t, h, kind, branch.volume, branch.volume + whole, near, far);
    branch.volume += whole;
    finish(w, stream, i, CORNER * s.closeMl);
  }

  /** Whether it has been written that nothing more passes into the j-th trajectory. */
  function hasEnded(w, b, j) {
    let stream, last;
    stream = w.stream[b.streamFirst + j];
    if (stream.count === 0) {
      return false;
    }
    last = w.piece[stream.first + (stream.count - 1) * stream.stride];
    return last.perS === 0 && last.c0 === w.branch[j].volume;
  }

  /** Write that nothing passes into the j-th trajectory from now on. */
  function handOnNothing(w, b, s, j) {
    let stream, i;
    stream = w.stream[b.streamFirst + j];
    i = append(w, stream);
    writeConstant(w.piece, i, s.t, w.branch[j].volume);
    w.piece[i].corner = 1;
  }

  /** Write that nothing leaves from now on, unless that has been written; branches are written side by side. */
  function handOnRest(w, b, s) {
    let n, rests;
    n = b.streamEnd - b.streamFirst - 1; rests = true;
    for (let j = 0; j < n; j++) {
      rests = rests && hasEnded(w, b, j);
    }
    if (!rests) {
      for (let j = 0; j < n; j++) {
        handOnNothing(w, b, s, j);
      }
    }
    if (!hasEnded(w, b, n)) {
      handOnNothing(w, b, s, n);
    }
  }

  /** Write down an event. */
  function note(w, t, vessel, what) {
    let event;
    if (w.used[1] < w.event.length) {
      event = w.event[w.used[1]];
      event.time = t; event.vessel = vessel; event.what = what;
    }
    w.used[1] += 1;
  }

  /** What has left, by the balance: whatever rounding did before is made good. */
  function settleAccount(b, s) {
    s.out = s.start + s.came - s.spilt - b.base - s.water;
  }

  /** Look at the inflow at t. */
  function moveTo(w, b, s, t, side) {
    let comes;
    s.t = t;
    [s.came, s.rate, s.slope, comes] = inflow(w, b.sourceFirst, b.sourceEnd, t, side);
    s.comes = comes ? 1 : 0;
  }

  /** Nothing leaves; the water climbs until it has reached goal. */
  function fill(w, b, s, until, goal) {
    let need, t0, t;
    handOnRest(w, b, s);
    need = s.came + goal - s.water;
    t0 = s.t;
    moveTo(w, b, s, until, -1);
    if (s.came < need) {
      s.water = s.start + s.came - s.spilt - s.out - b.base;
      return;
    }
    t = whenCame(w, b.sourceFirst, b.sourceEnd, t0, until, need);
    moveTo(w, b, s, t, -1);
    s.water = goal;
  }

  /** Nothing comes and the flow is a straight line through z = 0: z falls in a straight line. */
  function drain(m, w, b, s, until, low) {
    let a, flow, byZ, z, least, h, t, t0, slope, near, far;
    a = m.band[s.band];
    [flow, , , byZ] = outlet(m, s.band, 0, s.water);
    z = Math.sqrt(s.water - a.origin); least = Math.sqrt(Math.max(low - a.origin, 0));
    h = 2 * (z - least) / byZ;
    t = s.t + h;
    if (t > until) {
      t = until; h = until - s.t;
      least = z - 0.5 * byZ * h;
      low = a.origin + least * least;
    }
    t0 = s.t; s.t = t; s.water = low;
    settleAccount(b, s);
    slope = -0.5 * byZ * byZ * h * h;
    near = [h * flow, slope, 0]; far = [h * byZ * least, slope, 0];
    handOn(w, b, s, 0, t0, h, PLAIN, s.out - w.branch[0].volume, near, far);
  }

  /** The jets of all branches at both ends of a step. */
  function setBranches(m, w, b, s) {
    let n, r, row;
    n = b.streamEnd - b.streamFirst - 1;
    for (let j = 0; j < n; j++) {
      r = w.branch[j]; row = n > 1 ? j + 1 : 0;
      [r.flow0, r.slope0, r.bend0, r.root0] = branchJet(m, s.band, row, s.water, s.rate, finite(s.slope));
      [r.flow1, r.slope1, r.bend1, r.root1] = branchJet(m, s.band1, row, s.water1, s.rate1, finite(s.slope1));
    }
  }

  /** The same of a level that follows its inflow: flows change as that does, whatever rounding made of the level. */
  function setFollowing(m, w, b, s, byW0, byW1) {
    let n, r, row, flow0, own0, flow1, own1, h;
    n = b.streamEnd - b.streamFirst - 1;
    for (let j = 0; j < n; j++) {
      r = w.branch[j]; row = n > 1 ? j + 1 : 0;
      [flow0, own0] = outlet(m, s.band, row, s.water);
      [flow1, own1] = outlet(m, s.band1, row, s.water1);
      if (n === 1) {
        flow0 = s.rate - s.slope / byW0; flow1 = s.rate1 - finite(s.slope1) / byW1;
      }
      r.flow0 = flow0; r.slope0 = own0 / byW0 * s.slope; r.flow1 = flow1; r.slope1 = own1 / byW1 * finite(s.slope1);
      h = s.t1 - s.t;
      r.bend0 = 0; r.root0 = 0; r.root1 = 0;
      r.bend1 = -2 * (r.slope0 - r.slope1) / h;
    }
  }

  function branchEnds(r, kind, h) {
    return ends(kind, h, [r.flow0, r.slope0, r.bend0, r.root0], [r.flow1, r.slope1, r.bend1, r.root1]);
  }

  /** Hand on what each branch passed in a step; the one that runs fastest bears what rounding leaves. */
  function handOnAll(w, b, s, t0, h) {
    let n, rest, most, r, near, far;
    n = b.streamEnd - b.streamFirst - 1;
    rest = s.out; most = 0;
    for (let j = 0; j < n; j++) {
      r = w.branch[j];
      [near, far] = branchEnds(r, s.kind, h);
      r.part = leaves(near, far);
      rest -= r.volume + r.part;
      if (r.flow0 + r.flow1 > w.branch[most].flow0 + w.branch[most].flow1) {
        most = j;
      }
    }
    w.branch[most].part += rest;
    for (let j = 0; j < n; j++) {
      [near, far] = branchEnds(w.branch[j], s.kind, h);
      handOn(w, b, s, j, t0, h, s.kind, w.branch[j].part, near, far);
    }
  }

  /** The inflow at the end of a step that is tried. */
  function look(w, b, s, t) {
    s.t1 = t;
    [s.came1, s.rate1, s.slope1] = inflow(w, b.sourceFirst, b.sourceEnd, t, -1);
  }

  /** Shorten a step that leaves its segment so that it ends on the edge; false where it has to be tried anew. */
  function tryEdge(m, w, b, s, h, jet0, begins) {
    let up, edge, a;
    up = s.water1 > 0;
    edge = up ? m.edge[s.segment + 1] : m.edge[s.segment];
    s.band1 = up ? m.edgeBand[s.segment + 1] - 1 : m.edgeBand[s.segment];
    a = m.band[s.band1];
    if (!up && a.root && edge <= a.origin) {
      if (begins) {
        return false;
      }
      s.kind = END;
    }
    h = reachEdge(m, w, b, s, edge, s.band1, s.kind, h, jet0);
    if (h <= 0) {
      return false;
    }
    s.water1 = edge;
    look(w, b, s, s.t + h);
    return true;
  }

  /** The highest or lowest value within a step whose rate changes its sign, by Hermite's cubic. */
  function turningPoint(h, y0, y1, rate0, rate1) {
    let x, z;
    x = rate0 / (rate0 - rate1);
    z = 1 - x;
    return y0 * z * z * (1 + 2 * x) + y1 * x * x * (1 + 2 * z) + h * x * z * (z * rate0 - x * rate1);
  }

  /** Try a step to t1, or to the edge of the segment if that comes first; false where it is too long for that. */
  function tryStep(m, w, b, s, t1, jet0, begins) {
    let low, high, first, end, came, h, slope1, jet1, climb0, climb1, near, far, whole;
    low = m.edge[s.segment]; high = m.edge[s.segment + 1];
    first = m.edgeBand[s.segment]; end = m.edgeBand[s.segment + 1];
    look(w, b, s, t1);
    s.kind = begins ? START : PLAIN;
    if (isInfinite(s.slope1)) {
      if (begins) {
        return false;
      }
      s.kind = END;
    }
    came = s.came1 - s.came; h = t1 - s.t;
    slope1 = finite(s.slope1);
    [s.water1, s.band1] = endWater(m, s, low, high, first, end, s.kind, h, came, s.rate1, slope1, jet0);
    if (isInfinite(s.water1) && !tryEdge(m, w, b, s, h, jet0, begins)) {
      return false;
    }
    [jet1] = wholeJet(m, s.band1, s.water1, s.rate1, finite(s.slope1));
    climb0 = s.rate - jet0[0]; climb1 = s.rate1 - jet1[0];
    if (climb0 * climb1 < 0 && !(low <= turningPoint(s.t1 - s.t, s.water, s.water1, climb0, climb1) && turningPoint(s.t1 - s.t, s.water, s.water1, climb0, climb1) <= high)) {
      return false;
    }
    [near, far] = ends(s.kind, s.t1 - s.t, jet0, jet1);
    whole = s.came1 - s.came - (s.water1 - s.water);
    s.error = Math.max(misfit(whole, near, far), UNSEEN * unseen(w, b, s));
    s.error = Math.max(s.error, defect(m, w, b, s, first, end, whole, near, far));
    if (!m.band[s.band].exact && (s.water === low || s.water === high || s.water1 === low || s.water1 === high)) {
      s.error *= ROUGH;
    }
    return true;
  }

  /** How far the inflow in the middle of a step is off the quintic through its ends: the solver sees only those. */
  function unseen(w, b, s) {
    let h, scratch, came, near, far;
    h = s.t1 - s.t; scratch = w.piece.length - 1;
    [came] = inflow(w, b.sourceFirst, b.sourceEnd, s.t + 0.5 * h, -1);
    [near, far] = ends(s.kind, h, [s.rate, finite(s.slope), 0, 0], [s.rate1, finite(s.slope1), 0, 0]);
    writePiece(w.piece, scratch, s.t, h, s.kind, s.came, s.came1, near, far);
    return Math.abs(came - evaluate(w.piece, scratch, s.t + 0.5 * h)[0]);
  }

  /** By how much the flow of the piece that is handed on misses the law's at half the time, times the step. */
  function defect(m, w, b, s, first, end, whole, near, far) {
    let h, scratch, came, passed, rate, water, flow;
    h = s.t1 - s.t; scratch = w.piece.length - 1;
    [came] = inflow(w, b.sourceFirst, b.sourceEnd, s.t + 0.5 * h, -1);
    writePiece(w.piece, scratch, s.t, h, s.kind, 0, whole, near, far);
    [passed, rate] = evaluate(w.piece, scratch, s.t + 0.5 * h);
    water = Math.max(s.water + came - s.came - passed, 0);
    [flow] = outlet(m, findBand(m, s.band, first, end, water), 0, water);
    return PART * h * Math.abs(flow - rate);
  }

  const Step = { append, finish, handOn, hasEnded, handOnNothing, handOnRest, note, settleAccount, moveTo, fill, drain, setBranches, setFollowing, branchEnds, handOnAll, look, tryEdge, turningPoint, tryStep, unseen, defect };
  if (node) module.exports = Step;
  else root.Step = Step;
})(typeof globalThis !== "undefined" ? globalThis : this);
