/* One bucket over the whole time. The last part of porcelain.simulate.bucket. */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const Trajectory = node ? require("./trajectory.js") : root.Trajectory;
  const { inflow, nextCorner } = Trajectory;
  const Outlet = node ? require("./outlet.js") : root.Outlet;
  const { findBand, outlet } = Outlet;
  const Step = node ? require("./step.js") : root.Step;
  const { handOnNothing, handOnRest, note, settleAccount, moveTo, fill, drain } = Step;
  const Motion = node ? require("./motion.js") : root.Motion;
  const { run, follow, stand } = Motion;
  const { DUST, EQUAL, RIM_LEFT, RIM_REACHED, STARTS, STOPS } = Constants;

  /** How the branches run while the level stands at an edge: fixed flows, and parts of what else comes. */
  function standAt(m, w, b, s, edge, low, high) {
    let n, rim, spill, r, row, before, after;
    n = b.streamEnd - b.streamFirst - 1; rim = edge === b.edgeEnd - 1;
    for (let j = 0; j < n; j++) {
      r = w.branch[j]; row = n > 1 ? j + 1 : 0;
      before = edge > b.edgeFirst ? outlet(m, m.edgeBand[edge] - 1, row, s.water)[0] : 0;
      after = rim ? before : outlet(m, m.edgeBand[edge], row, s.water)[0];
      r.fixed = before; r.part = 0;
      if (!rim && high > 0) {
        r.part = high - low > 1e-12 * high ? (after - before) / (high - low) : after / high;
        r.fixed = before - r.part * low;
      }
    }
    spill = w.branch[n];
    [spill.fixed, spill.part] = rim ? [-low, 1] : [0, 0];
  }

  /** Where a level goes from an edge below which low flows and above which high: up 1, down -1, nowhere 0. */
  function turnFrom(s, low, high) {
    if (s.rate > high * (1 + EQUAL)) {
      return 1;
    }
    if (s.rate < low * (1 - EQUAL)) {
      return -1;
    }
    if (s.comes !== 0 && s.rate >= high * (1 - EQUAL) && (s.slope > 0 || high === 0 && s.slope === 0)) {
      return 1;
    }
    if (low > 0 && s.rate <= low * (1 + EQUAL) && s.slope < 0) {
      return -1;
    }
    return 0;
  }

  /** Find the segment in which the water stands; returns the edge it stands at, or -1. */
  function place(m, b, s) {
    let k;
    k = Math.min(Math.max(s.segment, b.edgeFirst), b.edgeEnd - 2);
    while (k < b.edgeEnd - 2 && s.water >= m.edge[k + 1]) {
      k += 1;
    }
    while (k > b.edgeFirst && s.water < m.edge[k]) {
      k -= 1;
    }
    s.segment = k;
    if (s.water === m.edge[k]) {
      return k;
    }
    if (s.water === m.edge[k + 1]) {
      return k + 1;
    }
    s.band = findBand(m, s.band, m.edgeBand[k], m.edgeBand[k + 1], s.water);
    return -1;
  }

  /** Look at the inflow just after now; of water that came all at once what does not fit goes over the rim. */
  function addAtOnce(w, b, s, v) {
    let top, before, spill;
    top = b.capacity - b.base;
    before = s.came;
    moveTo(w, b, s, s.t, 1);
    if (s.came - before > 4e-15 * s.came) {
      s.water += s.came - before;
    }
    if (s.water > top) {
      spill = b.streamEnd - b.streamFirst - 1;
      w.branch[spill].volume += s.water - top;
      s.spilt += s.water - top;
      s.water = top;
      handOnNothing(w, b, s, spill);
      atRim(w, s, v, true);
    }
  }

  /** Note when the rim is reached and left. */
  function atRim(w, s, v, full) {
    if (full && s.rim === 0) {
      note(w, s.t, v, RIM_REACHED);
    } else if (!full && s.rim === 1) {
      note(w, s.t, v, RIM_LEFT);
    }
    s.rim = full ? 1 : 0;
  }

  /** Note when the outlet starts and stops. */
  function atSill(w, s, v, runs) {
    if (runs && s.runs === 0) {
      note(w, s.t, v, STARTS);
    } else if (!runs && s.runs === 1) {
      note(w, s.t, v, STOPS);
      s.stoppedS = s.t;
    }
    s.runs = runs ? 1 : 0;
  }

  /** Nothing comes and nothing leaves. */
  function rest(w, b, s, until) {
    handOnRest(w, b, s);
    s.t = until;
  }

  /** What happens while nothing can leave: the bucket fills, and spills. */
  function shut(w, b, s, v, until) {
    let top, n;
    top = b.capacity - b.base; n = b.streamEnd - b.streamFirst - 1;
    if (s.comes === 0) {
      rest(w, b, s, until);
    } else if (s.water < top) {
      fill(w, b, s, until, top);
    } else {
      atRim(w, s, v, true);
      for (let j = 0; j < n; j++) {
        w.branch[j].fixed = 0; w.branch[j].part = 0;
      }
      w.branch[n].fixed = 0; w.branch[n].part = 1;
      stand(w, b, s, until, 0, Infinity);
      s.spilt = s.start + s.came - s.out - b.capacity;
    }
  }

  /** At an edge: stand there for a step, or enter the segment above or below and return false. */
  function standOrTurn(m, w, b, s, v, edge, until) {
    let rim, t0, low, high, turn;
    rim = edge === b.edgeEnd - 1; t0 = s.t;
    low = edge > b.edgeFirst ? outlet(m, m.edgeBand[edge] - 1, 0, s.water)[0] : 0;
    high = rim ? Infinity : outlet(m, m.edgeBand[edge], 0, s.water)[0];
    turn = turnFrom(s, low, high);
    if (turn !== 0) {
      s.segment = turn > 0 ? edge : edge - 1;
      s.band = m.edgeBand[edge] - (turn > 0 ? 0 : 1);
      return false;
    }
    if (edge === b.edgeFirst && s.comes === 0) {
      atSill(w, s, v, false);
      rest(w, b, s, until);
      return true;
    }
    if (s.rate > 0 || low > 0) {
      atSill(w, s, v, true);
    }
    if (rim) {
      atRim(w, s, v, true);
    }
    standAt(m, w, b, s, edge, low, high);
    stand(w, b, s, until, low, high);
    if (rim) {
      s.out += low * (s.t - t0);
      s.spilt = s.start + s.came - s.out - b.capacity;
    }
    settleAccount(b, s);
    return true;
  }

  /** What an open bucket with water at or above its outlet does next. */
  function open(m, w, b, s, v, until) {
    let edge;
    edge = place(m, b, s);
    if (edge >= 0 && standOrTurn(m, w, b, s, v, edge, until)) {
      return;
    }
    atSill(w, s, v, true);
    if (s.rim) {
      atRim(w, s, v, false);
      handOnNothing(w, b, s, b.streamEnd - b.streamFirst - 1);
    }
    if (s.comes === 0 && m.band[s.band].exact) {
      drain(m, w, b, s, until, m.edge[s.segment]);
    } else if (s.comes === 0 && s.water <= DUST * s.closeMl) {
      rest(w, b, s, until);
    } else if (!follow(m, w, b, s, until)) {
      run(m, w, b, s, until);
    }
  }

  /** An empty account, and trajectories of nothing. */
  function begin(m, w, b, s, start) {
    let n, first, stream;
    n = b.streamEnd - b.streamFirst; first = w.used[0];
    s.t = 0; s.came = 0; s.out = 0; s.spilt = 0; s.start = start; s.water = start - b.base;
    s.segment = b.edgeFirst; s.band = b.bandFirst; s.runs = 0; s.rim = 0;
    s.h = Infinity; s.calmS = 0; s.stoppedS = 0;
    for (let j = 0; j < n; j++) {
      stream = w.stream[b.streamFirst + j];
      stream.count = 0; stream.stride = n - 1; stream.first = first + j;
      if (j === n - 1) {
        stream.stride = -1; stream.first = w.used[2];
      }
      w.branch[j].volume = 0;
    }
    handOnRest(w, b, s);
    for (let k = b.sourceFirst; k < b.sourceEnd; k++) {
      w.source[k].cursor = 0; w.source[k].corner = 0;
    }
  }

  /** Whether another step of n trajectories can be written down. */
  function hasRoom(w, n) {
    return w.used[0] + 2 * n + 2 < w.used[2] - 4;
  }

  /** Whether so little comes in all that neither the outlet nor, while that is shut, the rim is ever reached. */
  function neverReached(w, b, s, until, gate) {
    let came;
    [came] = inflow(w, b.sourceFirst, b.sourceEnd, until, 1);
    return s.water + came < (gate > until ? b.capacity - b.base : 0);
  }

  /** Take vessel v from time 0, when start mL stand in it, to until; false where there is too little room. A
   * step may be off by close_ml and by what passes in close_s; an outlet that only fades counts as still once
   * no more than calm_ml stands above it. */
  function solveBucket(m, w, v, start, until, closeMl, closeS, calmMl) {
    let b, s, gate, still, corner;
    b = m.bucket[v]; s = w.state[0]; gate = w.gate[v];
    s.closeMl = closeMl; s.closeS = closeS; s.calmMl = calmMl;
    if (!hasRoom(w, b.streamEnd - b.streamFirst)) {
      return false;
    }
    begin(m, w, b, s, start);
    if (neverReached(w, b, s, until, gate)) {
      moveTo(w, b, s, until, 1);
    }
    while (s.t < until) {
      if (!hasRoom(w, b.streamEnd - b.streamFirst)) {
        return false;
      }
      addAtOnce(w, b, s, v);
      corner = Math.min(nextCorner(w, b.sourceFirst, b.sourceEnd, s.t), until);
      if (s.t < gate) {
        shut(w, b, s, v, Math.min(corner, gate));
      } else if (s.water < 0) {
        if (s.comes === 0) {
          rest(w, b, s, corner);
        } else {
          fill(w, b, s, corner, 0);
        }
      } else {
        open(m, w, b, s, v, corner);
      }
    }
    addAtOnce(w, b, s, v);
    handOnRest(w, b, s);
    still = s.stoppedS;
    if (s.runs) {
      still = s.water <= calmMl && s.comes === 0 ? s.calmS : Infinity;
    }
    w.still[v] = still;
    return true;
  }

  const Bucket = { standAt, turnFrom, place, addAtOnce, atRim, atSill, rest, shut, standOrTurn, open, begin, hasRoom, neverReached, solveBucket };
  if (node) module.exports = Bucket;
  else root.Bucket = Bucket;
})(typeof globalThis !== "undefined" ? globalThis : this);
