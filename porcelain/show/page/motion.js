/* Steps of a bucket that runs, follows its inflow or stands. The third part of porcelain.simulate.bucket. */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const Trajectory = node ? require("./trajectory.js") : root.Trajectory;
  const { sameTime, evaluate, writePiece, inflow } = Trajectory;
  const Outlet = node ? require("./outlet.js") : root.Outlet;
  const { findBand, outlet, wholeJet, permitted, finite, ends } = Outlet;
  const Step = node ? require("./step.js") : root.Step;
  const { handOn, settleAccount, setBranches, setFollowing, handOnAll, look, turningPoint, tryStep } = Step;
  const { END, EQUAL, FAR, LEAST, MOST, PLAIN, ROUNDING, SAFETY, START, STIFF } = Constants;
  const isInfinite = (x) => Math.abs(x) === Infinity;

  /** One accepted step of a running outlet, to until or to the edge of its segment at most. */
  function run(m, w, b, s, until) {
    let a, jet0, byW, begins, h, t1, flow1, most, power, growth;
    a = m.band[s.band];
    [jet0, byW] = wholeJet(m, s.band, s.water, s.rate, finite(s.slope));
    begins = a.root && s.water <= a.origin || isInfinite(s.slope);
    h = Math.min(s.h, until - s.t);
    if (!begins && byW > 0) {
      h = Math.min(h, STIFF / byW);
    }
    let found = false;
    for (let attempt = 0; attempt < 200; attempt++) {
      t1 = s.t + h;
      if (t1 >= until - sameTime(until)) {
        t1 = until;
      }
      if (h <= sameTime(s.t) || !tryStep(m, w, b, s, t1, jet0, begins)) {
        h *= 0.5;
        continue;
      }
      h = s.t1 - s.t;
      [flow1] = outlet(m, s.band1, 0, s.water1);
      most = permitted(s, Math.max(Math.max(jet0[0], flow1), Math.max(s.rate, s.rate1))) + ROUNDING * (s.start + s.came1);
      power = s.kind === PLAIN ? 1 / 6 : 1 / 3;
      growth = SAFETY * (most / Math.max(s.error, 1e-300)) ** power;
      if (s.error <= most || h <= 8 * sameTime(s.t)) {
        s.h = h * Math.min(MOST, Math.max(growth, LEAST));
        found = true;
        break;
      }
      h *= Math.max(LEAST, growth);
    }
    if (!found) {
      look(w, b, s, Math.min(until, s.t + 1e-09 * (1 + s.t)));
      s.water1 = s.water; s.band1 = s.band; s.kind = PLAIN; s.h = until - s.t;
    }
    setBranches(m, w, b, s);
    stepOver(w, b, s);
  }

  /** When in the step from t0 that was handed on the water fell below what counts as still, by bisection. */
  function whenCalm(w, b, s, t0) {
    let low, high, t, came, water, stream;
    low = t0; high = s.t;
    while (high - low > sameTime(high)) {
      t = 0.5 * (low + high);
      [came] = inflow(w, b.sourceFirst, b.sourceEnd, t, -1);
      water = s.start + came - s.spilt - b.base;
      for (let j = b.streamFirst; j < b.streamEnd - 1; j++) {
        stream = w.stream[j];
        water -= evaluate(w.piece, stream.first + (stream.count - 1) * stream.stride, t)[0];
      }
      if (!(low < t && t < high)) {
        break;
      }
      if (water > s.calmMl) {
        low = t;
      } else {
        high = t;
      }
    }
    return high;
  }

  /** Take the step that was tried, and hand it on. */
  function stepOver(w, b, s) {
    let t0, before;
    t0 = s.t; before = s.water;
    s.t = s.t1; s.came = s.came1; s.water = s.water1; s.band = s.band1;
    settleAccount(b, s);
    handOnAll(w, b, s, t0, s.t1 - t0);
    if (before > s.calmMl && s.calmMl >= s.water) {
      s.calmS = whenCalm(w, b, s, t0);
    }
  }

  /** The water at which a level that only follows its inflow stands, how fast it answers, and its band. Its
   * flow is the inflow less what the level itself takes up: Q = q - q' / (dQ/dW). */
  function follows(m, s, first, end, rate, slope) {
    let band, water, goal, byW, flow, byZ, before, a, z;
    band = s.band; water = s.water; goal = rate; byW = 0;
    for (let look = 0; look < 40; look++) {
      [flow, byW, , byZ] = outlet(m, band, 0, water);
      if (byW <= 0) {
        return [-1, 0, band];
      }
      if (look > 0) {
        goal = rate - slope / byW;
      }
      before = water; a = m.band[band];
      if (a.root) {
        z = Math.sqrt(water - a.origin);
        z = Math.max(z + (goal - flow) / byZ, 0.1 * z);
        water = a.origin + z * z;
      } else {
        water += (goal - flow) / byW;
      }
      if (!(m.edge[s.segment] < water && water < m.edge[s.segment + 1])) {
        return [-1, 0, band];
      }
      band = findBand(m, band, first, end, water);
      if (look > 1 && Math.abs(water - before) <= 1e-15 * water + 0.001 * s.closeMl) {
        break;
      }
    }
    return [water, byW, band];
  }

  /** One step of a level that follows its inflow within the permitted error; false where it does not. */
  function follow(m, w, b, s, until) {
    let first, end, nearMl, flow, byW, water, byW0, h, flow0, byW1, lag, flow1, whole, near, far, middle, came, rate, slope, passed, straight;
    first = m.edgeBand[s.segment]; end = m.edgeBand[s.segment + 1];
    nearMl = 0.1 * permitted(s, s.rate);
    if (s.comes === 0 || isInfinite(s.slope) || s.rate <= 0) {
      return false;
    }
    [flow, byW] = outlet(m, s.band, 0, s.water);
    if (byW * (until - s.t) < STIFF || Math.abs(flow - s.rate + s.slope / byW) > FAR * byW * nearMl + FAR * EQUAL * flow) {
      return false;
    }
    [water, byW0] = follows(m, s, first, end, s.rate, s.slope);
    if (Math.abs(water - s.water) > nearMl || byW0 * (until - s.t) < STIFF) {
      return false;
    }
    h = until - s.t;
    flow0 = s.rate - s.slope / byW0;
    let found = false;
    for (let attempt = 0; attempt < 8; attempt++) {
      if (byW0 * h < STIFF) {
        return false;
      }
      look(w, b, s, h < until - s.t ? s.t + h : until);
      if (isInfinite(s.slope1)) {
        h *= 0.4;
        continue;
      }
      [s.water1, byW1, s.band1] = follows(m, s, first, end, s.rate1, finite(s.slope1));
      lag = byW1 > 0 ? Math.abs(s.slope1 / (byW1 * byW1) - s.slope / (byW0 * byW0)) / (h * byW1) : Infinity;
      if (s.water1 > 0 && lag <= nearMl) {
        flow1 = s.rate1 - finite(s.slope1) / byW1;
        whole = s.came1 - s.came - (s.water1 - s.water);
        near = [h * flow0, h * h * s.slope, 0]; far = [h * flow1, h * h * s.slope1, 0];
        writePiece(w.piece, w.piece.length - 1, s.t, h, PLAIN, 0, whole, near, far);
        middle = s.t + 0.5 * h;
        [came, rate, slope] = inflow(w, b.sourceFirst, b.sourceEnd, middle, -1);
        [passed] = evaluate(w.piece, w.piece.length - 1, middle);
        [water] = follows(m, s, first, end, rate, finite(slope));
        straight = Math.abs(0.5 * (near[0] + far[0]) + (near[1] - far[1]) / 12 - whole);
        if (Math.max(Math.abs(s.water + came - s.came - passed - water), straight) <= 0.5 * s.closeMl) {
          found = true;
          break;
        }
      }
      h *= 0.4;
    }
    if (!found) {
      return false;
    }
    s.kind = PLAIN;
    setFollowing(m, w, b, s, byW0, byW1);
    stepOver(w, b, s);
    return true;
  }

  /** When the rate of the inflow leaves [low, high] before t1, at which it is outside. */
  function leavesBounds(w, b, s, low, high, t1) {
    let t0, middle, rate;
    t0 = s.t;
    for (let attempt = 0; attempt < 60; attempt++) {
      if (t1 - t0 <= sameTime(t1)) {
        break;
      }
      middle = 0.5 * (t0 + t1);
      [, rate] = inflow(w, b.sourceFirst, b.sourceEnd, middle, -1);
      if (low <= rate && rate <= high) {
        t0 = middle;
      } else {
        t1 = middle;
      }
    }
    return t1;
  }

  /** One step of a level that stands while its inflow lies between two rates: as much leaves as comes. */
  function stand(w, b, s, until, low, high) {
    let t0, scratch, h, jet0, begins, fades, jet1, near, far, r, jet, end, most, t1, came;
    t0 = s.t; scratch = w.piece.length - 1; h = until - s.t;
    jet0 = [s.rate, finite(s.slope), 0, 0];
    for (let attempt = 0; attempt < 200; attempt++) {
      look(w, b, s, h < until - t0 ? t0 + h : until);
      if (s.slope * s.slope1 < 0 && !isInfinite(s.slope * s.slope1)) {
        most = turningPoint(s.t1 - t0, s.rate, s.rate1, s.slope, s.slope1);
        if (!(low * (1 - EQUAL) <= most && most <= high * (1 + EQUAL)) && h > 8 * sameTime(t0)) {
          h *= 0.5;
          continue;
        }
      }
      if (!(low * (1 - EQUAL) <= s.rate1 && s.rate1 <= high * (1 + EQUAL))) {
        t1 = leavesBounds(w, b, s, low * (1 - EQUAL), high * (1 + EQUAL), s.t1);
        look(w, b, s, Math.max(t1, t0 + 8 * sameTime(t0)));
        h = s.t1 - t0;
      }
      begins = isInfinite(s.slope); fades = isInfinite(s.slope1);
      s.kind = begins ? START : (fades ? END : PLAIN);
      jet1 = [s.rate1, finite(s.slope1), 0, 0];
      [near, far] = ends(s.kind, h, jet0, jet1);
      writePiece(w.piece, scratch, t0, h, s.kind, s.came, s.came1, near, far);
      s.error = 0;
      for (const part of [0.25, 0.5, 0.75]) {
        [came] = inflow(w, b.sourceFirst, b.sourceEnd, t0 + part * h, -1);
        s.error = Math.max(s.error, Math.abs(evaluate(w.piece, scratch, t0 + part * h)[0] - came));
      }
      if (s.error <= 0.3 * s.closeMl && !(begins && fades) || h <= 8 * sameTime(t0)) {
        break;
      }
      h *= Math.max(0.3, Math.min(SAFETY * (0.3 * s.closeMl / Math.max(s.error, 1e-300)) ** (1 / 6), 0.7));
    }
    for (let j = 0; j < b.streamEnd - b.streamFirst; j++) {
      r = w.branch[j];
      if (j === b.streamEnd - b.streamFirst - 1 && r.part === 0) {
        continue;
      }
      jet = [r.fixed + r.part * jet0[0], r.part * jet0[1], 0, 0];
      end = [r.fixed + r.part * s.rate1, r.part * finite(s.slope1), 0, 0];
      [near, far] = ends(s.kind, h, jet, end);
      handOn(w, b, s, j, t0, h, s.kind, r.fixed * h + r.part * (s.came1 - s.came), near, far);
    }
    s.t = s.t1; s.came = s.came1;
  }

  const Motion = { run, whenCalm, stepOver, follows, follow, leavesBounds, stand };
  if (node) module.exports = Motion;
  else root.Motion = Motion;
})(typeof globalThis !== "undefined" ? globalThis : this);
