/* A trajectory: cumulative volume as a piecewise polynomial of time. The functions of porcelain.simulate.trajectory. */
(function (root) {
  "use strict";

  const node = typeof module !== "undefined" && module.exports;
  const Constants = node ? require("./constants.js") : root.Constants;
  const { BENT, END, PLAIN, SLACK, START } = Constants;

  /** By how much two equal times near t may differ. */
  function sameTime(t) {
    return SLACK * (1 + Math.abs(t));
  }

  /** Volume, rate and slope of piece i at t; the slope is infinite where a flow starts as a root of time. */
  function evaluate(pieces, i, t) {
    let p, perS, part, x, volume, rate, slope;
    p = pieces[i];
    perS = p.perS;
    if (perS === 0) {
      return [p.c0, 0, 0];
    }
    part = Math.min(Math.max((t - p.start) * perS, 0), 1);
    if (p.kind === PLAIN) {
      x = part;
      volume = p.c0 + x * (p.c1 + x * (p.c2 + x * (p.c3 + x * (p.c4 + x * p.c5))));
      rate = p.c1 + x * (2 * p.c2 + x * (3 * p.c3 + x * (4 * p.c4 + x * 5 * p.c5)));
      slope = 2 * p.c2 + x * (6 * p.c3 + x * (12 * p.c4 + x * 20 * p.c5));
      return [volume, rate * perS, slope * perS * perS];
    }
    x = Math.sqrt(p.kind === START ? part : 1 - part);
    volume = p.c0 + x * x * (p.c2 + x * (p.c3 + x * (p.c4 + x * p.c5)));
    rate = p.c2 + x * (1.5 * p.c3 + x * (2 * p.c4 + x * 2.5 * p.c5));
    slope = 2 * p.c4 + 3.75 * p.c5 * x;
    if (p.c3 !== 0) {
      slope = x > 0 ? slope + 0.75 * p.c3 / x : (p.c3 < 0 ? -Infinity : Infinity);
    }
    return [volume, (p.kind === START ? rate : -rate) * perS, slope * perS * perS];
  }

  /** Write the quintic from v0 at t to v1 at t + h. near and far are first and second derivatives by the
   * piece's own variable where that is 0 and 1: of what has come since the start or, for END, of what still
   * comes until the end. */
  function writePiece(pieces, i, t, h, kind, v0, v1, near, far) {
    let p, whole, g0, d0, g1, d1, sign;
    p = pieces[i];
    whole = v1 - v0;
    g0 = near[0]; d0 = near[1]; g1 = far[0]; d1 = far[1];
    sign = kind === END ? -1 : 1;
    p.start = t; p.perS = 1 / h; p.kind = kind; p.corner = 0;
    p.c0 = kind === END ? v1 : v0;
    p.c1 = sign * g0;
    p.c2 = sign * 0.5 * d0;
    p.c3 = sign * (10 * whole - 6 * g0 - 4 * g1 - 1.5 * d0 + 0.5 * d1);
    p.c4 = sign * (-15 * whole + 8 * g0 + 7 * g1 + 1.5 * d0 - d1);
    p.c5 = sign * (6 * whole - 3 * (g0 + g1) - 0.5 * (d0 - d1));
  }

  /** Write a piece in which nothing passes. */
  function writeConstant(pieces, i, t, volume) {
    let p;
    p = pieces[i];
    p.start = t; p.perS = 0; p.kind = PLAIN; p.corner = 0;
    p.c0 = volume; p.c1 = 0; p.c2 = 0; p.c3 = 0; p.c4 = 0; p.c5 = 0;
  }

  /** Mark the start of piece i if volume, rate or slope jump there by what matters: least_ml over a piece. */
  function markCorner(pieces, i, before, leastMl) {
    let p, b, h, v0, q0, s0, v1, q1, s1, jump, bend;
    p = pieces[i]; b = pieces[before];
    h = 0;
    if (b.perS > 0) {
      h = 1 / b.perS;
    }
    if (p.perS > 0) {
      h = Math.max(h, 1 / p.perS);
    }
    [v0, q0, s0] = evaluate(pieces, before, p.start);
    [v1, q1, s1] = evaluate(pieces, i, p.start);
    jump = Math.abs(q1 - q0) * h;
    if (s0 !== s1) {
      jump += 0.5 * Math.abs(s1 - s0) * h * h;
    }
    if (p.kind === PLAIN && b.kind === PLAIN) {
      bend = 6 * p.c3 * p.perS ** 3 - (6 * b.c3 + 24 * b.c4 + 60 * b.c5) * b.perS ** 3;
      jump += BENT * Math.abs(bend) * h * h * h;
    }
    if (jump > leastMl || Math.abs(v1 - v0) > leastMl) {
      p.corner = 1;
    }
  }

  /** Whether the i-th piece of a trajectory has begun by t; side 1 looks just after it, -1 just before. */
  function starts(pieces, stream, i, t, side) {
    return pieces[stream.first + i * stream.stride].start <= t + side * sameTime(t);
  }

  /** The piece of a trajectory in force just after (side 1) or just before (-1) t, sought from the i-th on. */
  function seek(pieces, stream, i, t, side) {
    while (i + 1 < stream.count && starts(pieces, stream, i + 1, t, side)) {
      i += 1;
    }
    while (i > 0 && !starts(pieces, stream, i, t, side)) {
      i -= 1;
    }
    return i;
  }

  /** What sources first to end bring: volume so far, rate, slope, and whether any water comes at all. */
  function inflow(w, first, end, t, side) {
    let volume = 0, rate = 0, slope = 0, comes = false;
    for (let k = first; k < end; k++) {
      const source = w.source[k], stream = w.stream[source.stream], { factor } = source, there = t - source.delay;
      const i = seek(w.piece, stream, source.cursor, there, side);
      source.cursor = i;
      const p = w.piece[stream.first + i * stream.stride];
      if (p.perS === 0) {
        volume += factor * p.c0;
        continue;
      }
      comes = true;
      if (p.kind === PLAIN) { // what evaluate does, without a list for each of thousands of sources
        const x = Math.min(Math.max((there - p.start) * p.perS, 0), 1);
        volume += factor * (p.c0 + x * (p.c1 + x * (p.c2 + x * (p.c3 + x * (p.c4 + x * p.c5)))));
        rate += factor * ((p.c1 + x * (2 * p.c2 + x * (3 * p.c3 + x * (4 * p.c4 + x * 5 * p.c5)))) * p.perS);
        slope += factor * ((2 * p.c2 + x * (6 * p.c3 + x * (12 * p.c4 + x * 20 * p.c5))) * p.perS * p.perS);
        continue;
      }
      const [v, q, s] = evaluate(w.piece, stream.first + i * stream.stride, there);
      volume += factor * v;
      rate += factor * q;
      slope += factor * s;
    }
    return [volume, Math.max(rate, 0), slope, comes];
  }

  /** When the inflow of these sources has its next corner after t; infinite if it has none. */
  function nextCorner(w, first, end, t) {
    let soonest, source, stream, i, at, when;
    soonest = Infinity;
    for (let k = first; k < end; k++) {
      source = w.source[k];
      stream = w.stream[source.stream];
      i = source.corner;
      while (i < stream.count) {
        at = stream.first + i * stream.stride;
        when = w.piece[at].start + source.delay;
        if (w.piece[at].corner !== 0 && when > t + sameTime(t)) {
          soonest = Math.min(soonest, when);
          break;
        }
        i += 1;
      }
      source.corner = i;
    }
    return soonest;
  }

  /** The time in [low, high] by which sources have brought goal mL: a Newton step that must stay in a bracket. */
  function whenCame(w, first, end, low, high, goal) {
    let t, volume, rate, before;
    t = 0.5 * (low + high);
    for (let attempt = 0; attempt < 100; attempt++) {
      [volume, rate] = inflow(w, first, end, t, -1);
      if (volume < goal) {
        low = t;
      } else {
        high = t;
      }
      if (high - low <= sameTime(t)) {
        break;
      }
      before = t;
      if (rate > 0) {
        t -= (volume - goal) / rate;
      }
      if (!(low < t && t < high)) {
        t = 0.5 * (low + high);
      }
      if (Math.abs(t - before) <= 0.25 * sameTime(t)) {
        break;
      }
    }
    return t;
  }

  /** Write the trajectory of a jug from its sorted changes; return how many pieces it has. */
  function pourPieces(pieces, first, changes) {
    let n, t, volume, rest, rate, slope, running, change, more, h, v1, near, far;
    writeConstant(pieces, first, 0, 0);
    n = 1; t = 0; volume = 0; rest = 0; rate = 0; slope = 0; running = 0;
    for (let c = 0; c < changes.length; c++) {
      change = changes[c];
      if (change.time > t) {
        h = change.time - t;
        more = h * (rate + 0.5 * h * slope) + rest;
        if (running > 0) {
          v1 = volume + more;
          near = [h * rate, h * h * slope]; far = [h * (rate + h * slope), h * h * slope];
          writePiece(pieces, first + n, t, h, PLAIN, volume, v1, near, far);
          rest = more - (v1 - volume);
          volume = v1;
        } else {
          writeConstant(pieces, first + n, t, volume);
        }
        pieces[first + n].corner = 1;
        t = change.time; rate = rate + h * slope;
        n += 1;
      }
      more = change.volume + rest;
      rest = more - (volume + more - volume);
      volume += more;
      running += change.count;
      rate = running > 0 ? Math.max(rate + change.rate, 0) : 0;
      slope = running > 0 ? slope + change.slope : 0;
    }
    writeConstant(pieces, first + n, t, volume);
    pieces[first + n].corner = 1;
    return n + 1;
  }

  const Trajectory = { sameTime, evaluate, writePiece, writeConstant, markCorner, starts, seek, inflow, nextCorner, whenCame, pourPieces };
  if (node) module.exports = Trajectory;
  else root.Trajectory = Trajectory;
})(typeof globalThis !== "undefined" ? globalThis : this);
