/* The address: what was typed and poured, as the part behind "#". A link is a saved experiment. */
(function (root) {
  "use strict";

  const number = (x) => String(+x.toPrecision(10));
  const finite = (text) => {
    const x = Number(text);
    return text !== "" && Number.isFinite(x) ? x : null;
  };

  /** { fields: [numbers], pieces, water, doubt: {bore, sill, seed} | null } to text. */
  function toHash(state) {
    const parts = [`v=${state.fields.map(number).join(",")}`];
    if (state.pieces.length)
      parts.push(`p=${state.pieces.map((p) => [p.input, p.start_s, p.duration_s, p.volume_ml].map(number).join("_")).join(",")}`);
    if (state.water) parts.push(`w=${state.water}`);
    if (state.doubt) parts.push(`d=${[state.doubt.bore, state.doubt.sill, state.doubt.seed].map(number).join(",")}`);
    return `#${parts.join("&")}`;
  }

  /** Text back to a state; whatever is not understood is left out. nIn is how many inputs there are. */
  function fromHash(hash, nIn) {
    const found = new Map(hash.replace(/^#/, "").split("&").map((part) => part.split("=")));
    const numbers = (key) => (found.get(key) || "").split(",").map(finite);
    const fields = numbers("v"), doubt = numbers("d");
    const pieces = (found.get("p") || "").split(",").map((piece) => piece.split("_").map(finite))
      .filter((p) => p.length === 4 && p.every((x) => x !== null && x >= 0 && x <= 1e6) && p[0] < nIn && Number.isInteger(p[0]))
      .slice(0, 1000)
      .map(([input, start_s, duration_s, volume_ml]) => ({ input, start_s, duration_s, volume_ml }));
    return {
      fields: fields.length === nIn && fields.every((x) => x !== null) ? fields : null,
      pieces,
      water: /^[a-z_-]+$/.test(found.get("w") || "") ? found.get("w") : null,
      doubt: doubt.length === 3 && doubt.every((x) => x !== null && x >= 0 && x < 1e6) ? { bore: doubt[0], sill: doubt[1], seed: doubt[2] } : null,
    };
  }

  const State = { toHash, fromHash };
  if (typeof module !== "undefined" && module.exports) module.exports = State;
  else root.State = State;
})(typeof globalThis !== "undefined" ? globalThis : this);
