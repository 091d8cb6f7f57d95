/* Written by scripts/make_pours from porcelain.simulate: edit the constants there. */
(function (root) {
  "use strict";

  const Constants = {
    "BENT": 0.0001,
    "BLOCK": 256,
    "CORNER": 0.05,
    "DUST": 0.001,
    "END": 2,
    "EQUAL": 1e-13,
    "FAINT": 0.0001,
    "FAR": 10.0,
    "FILL": -1.0,
    "LATEST_S": 10000000000.0,
    "LEAST": 0.15,
    "MOST": 6.0,
    "NEWTON": 30,
    "PART": 0.2,
    "PLAIN": 0,
    "RIM_LEFT": 3,
    "RIM_REACHED": 2,
    "ROUGH": 30.0,
    "ROUNDING": 4e-15,
    "SAFETY": 0.9,
    "SHARE": 0.1,
    "SLACK": 4e-15,
    "START": 1,
    "STARTS": 0,
    "STIFF": 12.0,
    "STOPS": 1,
    "TINY": 0.0001,
    "UNSEEN": 0.3,
    "GRAVITY_MM_S2": 9806.65
  };
  if (typeof module !== "undefined" && module.exports) module.exports = Constants;
  else root.Constants = Constants;
})(typeof globalThis !== "undefined" ? globalThis : this);
