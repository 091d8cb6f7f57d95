/* An outlet and one step of a running one. The first part of porcelain.simulate.bucket. */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const Trajectory = node ? require("./trajectory.js") : root.Trajectory;
  const { sameTime, inflow } = Trajectory;
  const { END, FAINT, NEWTON, PLAIN } = Constants;

  /** The band of a segment in which water lies, sought from band on. */
  function findBand(m, band, first, end, water) {
    band = Math.min(Math.max(band, first), end - 1);
    while (band < end - 1 && water > m.band[band].high) {
      band += 1;
    }
    while (band > first && water <= m.band[band - 1].high) {
      band -= 1;
    }
    return band;
  }

  /** Flow (mL/s), its first and second derivative by volume, and by z; the middle two are 0 at a root's origin. */
  function outlet(m, band, row, water) {
    let a, above, z, x, n, flow, first, second, byZ, byZz, byW;
    a = m.band[band];
    above = Math.max(water - a.origin, 0);
    z = a.root ? Math.sqrt(above) : above;
    x = (z - a.mid) * a.scale;
    n = m.poly[0].length - 1;
    flow = m.poly[a.row + row][n]; first = 0; second = 0;
    for (let k = n - 1; k > -1; k--) {
      second = second * x + first;
      first = first * x + flow;
      flow = flow * x + m.poly[a.row + row][k];
    }
    byZ = first * a.scale; byZz = 2 * second * a.scale * a.scale;
    if (!a.root) {
      return [flow, byZ, byZz, byZ];
    }
    if (z === 0) {
      return [flow, 0, 0, byZ];
    }
    byW = 0.5 * byZ / z;
    return [flow, byW, (0.25 * byZz - 0.5 * byW) / above, byZ];
  }

  /** A flow over time, from its derivatives by volume and how the volume climbs. */
  function jet(flow, byW, byWw, byZ, climb, bend, atOrigin) {
    let root;
    root = atOrigin ? byZ * Math.sqrt(Math.abs(climb)) : 0;
    return [flow, byW * climb, byWw * climb * climb + byW * bend, root];
  }

  /** The jet of the whole outflow, and dQ/dW and d2Q/dW2, at an inflow with this rate and slope. */
  function wholeJet(m, band, water, rate, slope) {
    let flow, byW, byWw, byZ, climb, atOrigin;
    [flow, byW, byWw, byZ] = outlet(m, band, 0, water);
    climb = rate - flow;
    atOrigin = m.band[band].root && water <= m.band[band].origin;
    return [jet(flow, byW, byWw, byZ, climb, slope - byW * climb, atOrigin), byW, byWw];
  }

  /** The same of one branch. */
  function branchJet(m, band, row, water, rate, slope) {
    let flow, byW, climb, atOrigin, own, byWw, byZ;
    [flow, byW] = outlet(m, band, 0, water);
    climb = rate - flow;
    atOrigin = m.band[band].root && water <= m.band[band].origin;
    [flow, own, byWw, byZ] = outlet(m, band, row, water);
    return jet(flow, own, byWw, byZ, climb, slope - byW * climb, atOrigin);
  }

  /** The error that a step may make (mL): what passes in close_s at its fastest, and no more than close_ml. */
  function permitted(s, fastest) {
    return Math.min(s.closeMl, Math.max(s.closeS * fastest, FAINT * s.closeMl));
  }

  /** The slope of an inflow; where that grows as the root of time no step needs it. */
  function finite(slope) {
    return Math.abs(slope) < Infinity ? slope : 0;
  }

  /** Derivatives of cumulative volume by a piece's variable where that is 0. */
  function nearEnd(kind, h, jet) {
    if (kind === PLAIN) {
      return [h * jet[0], h * h * jet[1], h * h * h * jet[2]];
    }
    return [0, 2 * h * jet[0], 4 * h * Math.sqrt(h) * jet[3]];
  }

  /** The same where it is 1. */
  function farEnd(kind, h, jet) {
    let flow, slope, bend;
    flow = h * jet[0]; slope = h * h * jet[1]; bend = h * h * h * jet[2];
    if (kind === PLAIN) {
      return [flow, slope, bend];
    }
    if (kind === END) {
      slope = -slope;
    }
    return [2 * flow, 2 * flow + 4 * slope, 12 * slope + 8 * bend];
  }

  /** Both, from the jets at the start and the end of a step. */
  function ends(kind, h, jet0, jet1) {
    if (kind === END) {
      return [nearEnd(kind, h, jet1), farEnd(kind, h, jet0)];
    }
    return [nearEnd(kind, h, jet0), farEnd(kind, h, jet1)];
  }

  /** What passes in a step: the integral of the quintic that meets three derivatives at both ends. */
  function leaves(near, far) {
    return 0.5 * (near[0] + far[0]) + 0.1 * (near[1] - far[1]) + (near[2] + far[2]) / 120;
  }

  /** How far the piece that is handed on is off: by its third derivatives, which it was not asked to meet. */
  function misfit(whole, near, far) {
    let c3, c4, c5;
    c3 = 10 * whole - 6 * near[0] - 4 * far[0] - 1.5 * near[1] + 0.5 * far[1];
    c4 = -15 * whole + 8 * near[0] + 7 * far[0] + 1.5 * near[1] - far[1];
    c5 = 6 * whole - 3 * (near[0] + far[0]) - 0.5 * (near[1] - far[1]);
    return Math.max(Math.abs(6 * c3 - near[2]), Math.abs(6 * c3 + 24 * c4 + 60 * c5 - far[2])) / 384;
  }

  /** How what leaves in a step changes with the water at its end (the third derivative of the law left out). */
  function leavesByWater(kind, h, byW, byWw, climb, slope) {
    let first, second, third;
    if (kind === END) {
      return 0.2 * h * byW;
    }
    first = h * byW; second = h * h * (byWw * climb - byW * byW);
    third = h * h * h * (byWw * (slope - 4 * byW * climb) + byW * byW * byW);
    if (kind === PLAIN) {
      return 0.5 * first - 0.1 * second + third / 120;
    }
    return first - 0.2 * first - 0.4 * second + 0.1 * second + third / 15;
  }

  /** The end of a step by the trapezoidal rule and a law that is straight in z: a closed form. */
  function firstGuess(m, s, h, came, jet0) {
    let a, flow, byW, byZ, above, rest, half, z;
    a = m.band[s.band];
    [flow, byW, , byZ] = outlet(m, s.band, 0, s.water);
    if (!a.root) {
      return s.water + (came - h * flow) / (1 + 0.5 * h * byW);
    }
    above = s.water - a.origin;
    rest = above + came - h * flow + 0.5 * h * byZ * Math.sqrt(Math.max(above, 0));
    half = 0.25 * h * byZ;
    if (rest <= 0) {
      return a.origin + 0.01 * above;
    }
    z = Math.sqrt(half * half + rest) - half;
    return a.origin + z * z;
  }

  /** The water at the end of a step and its band; beyond low or high where it leaves its segment. */
  function endWater(m, s, low, high, first, end, kind, h, came, rate, slope, jet0) {
    let water, band, close, a, jet1, byW, byWw, near, far, off, byWater, before, z;
    water = Math.min(Math.max(firstGuess(m, s, h, came, jet0), low), high);
    band = s.band;
    close = Math.min(0.001 * permitted(s, Math.max(jet0[0], Math.max(s.rate, rate))), 1e-10 * came + 1e-300);
    close += 2e-16 * (Math.abs(s.water) + Math.abs(water));
    for (let attempt = 0; attempt < NEWTON; attempt++) {
      band = findBand(m, band, first, end, water);
      a = m.band[band];
      if (a.root && water <= a.origin) {
        water = a.origin + 1e-12 * (s.water + came);
      }
      [jet1, byW, byWw] = wholeJet(m, band, water, rate, slope);
      [near, far] = ends(kind, h, jet0, jet1);
      off = water - s.water - came + leaves(near, far);
      byWater = Math.max(1 + leavesByWater(kind, h, byW, byWw, rate - jet1[0], slope), 0.5);
      if (off < 0 && water >= high) {
        return [Infinity, band];
      }
      if (off > 0 && water <= low + 1e-12 * (s.water + came)) {
        return [-Infinity, band];
      }
      before = water;
      if (a.root) {
        z = Math.sqrt(water - a.origin);
        z = Math.max(z - 0.5 * off / (byWater * z), 0.1 * z);
        water = a.origin + z * z;
      } else {
        water -= off / byWater;
      }
      water = Math.min(Math.max(water, low), high);
      if (Math.abs(water - before) <= close) {
        break;
      }
    }
    return [water, findBand(m, band, first, end, water)];
  }

  /** How long, within h, until the water stands at an edge; -1 where it does not get there. The root of the
   * step's own balance, by the secant that keeps a bracket (Illinois). */
  function reachEdge(m, w, b, s, edge, band, kind, h, jet0) {
    let sign, low, high, atLow, atHigh, t, side, came, rate, slope, jet1, near, far, off, before;
    sign = edge > s.water ? 1 : -1;
    low = 0; high = h; atLow = Math.abs(edge - s.water); atHigh = 0;
    t = h; side = 0;
    for (let look = 0; look < 80; look++) {
      [came, rate, slope] = inflow(w, b.sourceFirst, b.sourceEnd, s.t + t, -1);
      [jet1] = wholeJet(m, band, edge, rate, finite(slope));
      [near, far] = ends(kind, t, jet0, jet1);
      off = sign * (leaves(near, far) - (came - s.came - (edge - s.water)));
      if (look === 0 && off > 0) {
        return -1;
      }
      if (off === 0 || high - low <= sameTime(s.t + t)) {
        break;
      }
      if (off > 0) {
        low = t; atLow = off; atHigh = atHigh * (side > 0 ? 0.5 : 1); side = 1;
      } else {
        high = t; atHigh = off; atLow = atLow * (side < 0 ? 0.5 : 1); side = -1;
      }
      before = t;
      t = (low * atHigh - high * atLow) / (atHigh - atLow);
      if (!(low < t && t < high) || look % 8 === 7) {
        t = 0.5 * (low + high);
      }
      if (Math.abs(t - before) <= 0.25 * sameTime(s.t + t)) {
        break;
      }
    }
    return t;
  }

  const Outlet = { findBand, outlet, jet, wholeJet, branchJet, permitted, finite, nearEnd, farEnd, ends, leaves, misfit, leavesByWater, firstGuess, endWater, reachEdge };
  if (node) module.exports = Outlet;
  else root.Outlet = Outlet;
})(typeof globalThis !== "undefined" ? globalThis : this);
