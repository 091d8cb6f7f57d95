/* All English of the page in one place. */
(function (root) {
  "use strict";

  const ml = (x) => (Math.abs(x) < 0.05 ? "0" : x.toFixed(1));
  const percent = (x) => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;
  const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

  const Text = {
    ml, percent, plural,
    title: (name) => `The ${name} machine`,
    subtitle: (d) => `A neural network of ${plural(d.buckets, "bucket")}, ${plural(d.pipes, "pipe")} and ${plural(d.cups, "cup")}. `
      + (d.sketch ? "This is a sketch in plain vessels; porcelain plan makes the real millimetres."
        : "A bucket keeps its first water and shares out the rest; the fullest cup is the answer."),
    play: "Play", pause: "Pause",
    clock: (t) => `${t.toFixed(1)} s`,
    atRest: "at rest", running: "running", paused: "paused", ready: "empty and ready",
    holdLabel: (what) => `Hold to pour into ${what}`,
    fieldFault: {
      empty: (what) => `${what}: a number is missing; its water stays as it was.`,
      nonsense: (what, text) => `${what}: “${text}” is not a number.`,
      low: (what, value, low, unit) => `${what}: ${value} is too little; ${low} ${unit} is the least that can be poured.`,
      high: (what, value, high, unit) => `${what}: ${value} is too much for this machine; it takes up to ${high} ${unit}.`,
    },
    leads: "leads",
    nobody: "No water has reached a cup yet.",
    verdict: (name, by, still) => (still ? `The answer is ${name}, by ${ml(by)} mL.` : `${name} leads by ${ml(by)} mL.`),
    tie: "Two cups are level.",
    agree: (largest) => `The poured answer meets the equation: no cup is off by more than ${largest < 0.01 ? "0.01" : largest.toFixed(2)} mL.`,
    onItsWay: (moving) => `${ml(moving)} mL are still on their way.`,
    spilledAway: (spilled) => `${ml(spilled)} mL went over a rim, so the cups cannot meet the equation. Pour slower.`,
    held: "Surface tension holds some water back, so the cups stay below the equation.",
    say: (t, who, still) => `${Math.round(t)} seconds. ${who}${still ? " All water is at rest." : ""}`,

    bucketName: (b) => `${b.name} ${b.label}`,
    bucket(b) { // b: {label, volume, threshold, flow, passed, spilled, targets: [{label, share}], runs}
      const to = b.targets.map((t) => `${percent(t.share)} to ${t.label}`).join(", ");
      const over = b.spilled > 0.05 ? ` ${ml(b.spilled)} mL went over its rim.` : "";
      if (b.runs && b.flow > 0.005)
        return `${ml(b.volume - b.threshold)} mL stand above its outlet and leave at ${b.flow.toFixed(1)} mL/s: ${to}.${over}`;
      if (b.volume < 0.05 && b.threshold > 0.05) return `Empty. It keeps the first ${ml(b.threshold)} mL; only what comes after runs on.`;
      if (b.volume < b.threshold - 0.05)
        return `Why does it not run? It holds ${ml(b.volume)} of the ${ml(b.threshold)} mL it keeps: ${ml(b.threshold - b.volume)} to go.${over}`;
      return `It is full to its outlet: ${ml(b.threshold)} mL stay for good, ${ml(b.passed)} mL ran on: ${to}.${over}`;
    },
    pipe: (p) => `${percent(p.share)} of what leaves ${p.source} runs to ${p.target}: ${p.flow.toFixed(1)} mL/s now, ${ml(p.passed)} mL so far. Its bore is ${p.bore.toFixed(1)} mm.`,
    cup(c) {
      const over = c.spilled > 0.05 ? ` ${ml(c.spilled)} mL went over its rim.` : "";
      if (c.volume < 0.05) return `Empty; it would hold ${ml(c.capacity)} mL.${over}`;
      return `${ml(c.volume)} mL, ${c.by >= 0 ? `ahead by ${ml(c.by)}` : `behind by ${ml(-c.by)}`} mL.${over}`;
    },
    tip: { bucket: (b) => `${ml(b.volume)} mL · keeps ${ml(b.threshold)} mL`, pipe: (p) => `${percent(p.share)} · ${p.flow.toFixed(1)} mL/s`, cup: (c) => `${ml(c.volume)} mL` },
    equationOf: (name) => `What reaches ${name}, by the equation`,
    poursIn: (label, v) => `${label} gets ${ml(v)} mL from the jug.`,

    doubt: (n, changed, name, others) => changed === 0
      ? `In ${n} prints like this, these numbers always end as ${name}.`
      : `In ${changed} of ${n} prints like this (${percent(changed / n)}), these numbers end as ${others} instead of ${name}.`,
    printNumber: (n) => `You are looking at print number ${n}.`,
    waters: {
      "torricelli ideal": "Ideal water, ideal holes", "orifice ideal": "Ideal water, round holes", "orifice tap": "Tap water, round holes",
      "orifice rinse_aid": "Water with rinse aid, round holes", "weir ideal": "Ideal water, level sills", "weir tap": "Tap water, level sills",
      "weir rinse_aid": "Water with rinse aid, level sills",
    },
    lawInDoubt: "A doubtful print is poured with ideal water.",

    shared: "The link is in the clipboard.", shareByHand: "The link is in the address bar: copy it from there.",
    opened: (name) => `${name} is open.`,
    no3d: "This browser shows no 3D (WebGL). The files below are complete all the same.",
    noParts: "This machine came without printable parts: porcelain show design.json -o page.html puts them in.",
    rowName: (label, n) => `${label} ${n}`,
    undone: "Back before the last pour.", emptied: "The machine is empty.",
  };

  if (typeof module !== "undefined" && module.exports) module.exports = Text;
  else root.Text_ = Text;
})(typeof globalThis !== "undefined" ? globalThis : this);
