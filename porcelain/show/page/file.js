/* A visitor's own network.json or design.json: checked with the path of the fault, a network drawn as plain vessels. */
(function (root) {
  "use strict";

  const VERSIONS = { network: [1], design: [1, 2] };
  class Fault extends Error {}

  function fail(path, what) {
    throw new Fault(`${what} - at ${path}`);
  }

  const shown = (value) => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 40));

  function number(value, path, low = -Infinity, above = false) {
    if (typeof value !== "number" || !Number.isFinite(value)) fail(path, `${shown(value)} where a number is needed`);
    if (value < low || (above && value === low)) fail(path, `${value} where ${above ? "more than" : "at least"} ${low} is needed`);
    return value;
  }

  function list(value, path, each, length) {
    if (!Array.isArray(value) || value.length === 0) fail(path, `${shown(value)} where a list is needed`);
    if (length !== undefined && value.length !== length) fail(path, `${value.length} entries where ${length} are needed`);
    value.forEach((item, i) => each(item, `${path}[${i}]`));
    return value;
  }

  function text(value, path) {
    if (typeof value !== "string") fail(path, `${shown(value)} where text is needed`);
    return value;
  }

  function record(value, path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, `${shown(value)} where a record is needed`);
    return value;
  }

  function checkNetwork(net, path) {
    record(net, path);
    let width;
    list(net.layers, `${path}.layers`, (layer, at) => {
      record(layer, at);
      const n = list(layer.thresholds, `${at}.thresholds`, (x, p) => number(x, p, 0), width).length;
      list(layer.shares, `${at}.shares`, (row, p) => {
        list(row, p, (x, q) => number(x, q, 0), layer.shares[0].length);
        const sum = row.reduce((a, b) => a + b, 0);
        if (Math.abs(sum - 1) > 1e-9) fail(p, `shares that sum to ${sum} where they must sum to 1`);
      }, n);
      width = layer.shares[0].length;
    });
    list(net.class_names, `${path}.class_names`, text, width);
    const encoding = record(net.encoding, `${path}.encoding`);
    const n = list(encoding.feature_names, `${path}.encoding.feature_names`, text).length;
    list(encoding.feature_units, `${path}.encoding.feature_units`, text, n);
    for (const what of ["zero", "gain", "least", "most"])
      list(encoding[what], `${path}.encoding.${what}`, (x, p) => number(x, p, what === "gain" ? 0 : -Infinity, what === "gain"), n);
    const kinds = { plain: n, constant: n + 1, dual: 2 * n, knots: 2 * KNOTS * n };
    if (!(encoding.kind in kinds)) fail(`${path}.encoding.kind`, `${shown(encoding.kind)} where plain, constant, dual or knots is needed`);
    if (encoding.kind === "constant") number(encoding.constant_u, `${path}.encoding.constant_u`, 0);
    if (kinds[encoding.kind] !== net.layers[0].thresholds.length)
      fail(`${path}.layers[0].thresholds`, `${net.layers[0].thresholds.length} buckets where the encoding fills ${kinds[encoding.kind]}`);
    return net;
  }

  function checkVessel(vessel, path) {
    record(vessel, path);
    text(vessel.name, `${path}.name`);
    text(vessel.label, `${path}.label`);
    list(vessel.at_mm, `${path}.at_mm`, number, 3);
    list(vessel.size_mm, `${path}.size_mm`, (x, p) => number(x, p, 0, true), 2);
    let below = 0;
    list(vessel.slab_tops_mm, `${path}.slab_tops_mm`, (x, p) => { below = number(x, p, below, true); });
    list(vessel.slab_areas_mm2, `${path}.slab_areas_mm2`, (x, p) => number(x, p, 0, true), vessel.slab_tops_mm.length);
    return vessel;
  }

  function checkDesign(design) {
    checkNetwork(design.network, "$.network");
    number(design.ml_per_unit, "$.ml_per_unit", 0, true);
    number(design.pour_ml_s, "$.pour_ml_s", 0, true);
    const tier = new Map();
    list(design.tiers, "$.tiers", (row, at) => list(row, at, (bucket, p) => {
      checkVessel(bucket, p);
      const outlet = record(bucket.outlet, `${p}.outlet`);
      number(outlet.sill_mm, `${p}.outlet.sill_mm`, 0);
      number(outlet.discharge, `${p}.outlet.discharge`, 0, true);
      if (outlet.sill_mm >= bucket.slab_tops_mm[bucket.slab_tops_mm.length - 1])
        fail(`${p}.outlet.sill_mm`, `a sill at ${outlet.sill_mm} mm, not below the rim`);
      tier.set(bucket.name, design.tiers.indexOf(row));
    }), design.network.layers.length);
    list(design.cups, "$.cups", (cup, p) => tier.set(checkVessel(cup, p).name, design.tiers.length), design.network.class_names.length);
    design.tiers.forEach((row, k) => {
      if (row.length !== design.network.layers[k].thresholds.length) fail(`$.tiers[${k}]`, `${row.length} buckets where the network has ${design.network.layers[k].thresholds.length}`);
    });
    const dry = new Set(design.tiers.flat().map((bucket) => bucket.name));
    list(design.pipes, "$.pipes", (pipe, p) => {
      record(pipe, p);
      number(pipe.area_mm2, `${p}.area_mm2`, 0, true);
      for (const end of ["source", "target"]) if (!tier.has(pipe[end])) fail(`${p}.${end}`, `${shown(pipe[end])}, which is no vessel,`);
      if (tier.get(pipe.target) !== tier.get(pipe.source) + 1) fail(`${p}.target`, `${shown(pipe.target)}, which is not in the next row,`);
      dry.delete(pipe.source);
    });
    if (dry.size) fail("$.pipes", `no pipe for ${[...dry][0]}`);
    return design;
  }

  /** Text of a file to a design. Raises a Fault that says what is wrong and where. */
  function open(source) {
    let document;
    try {
      document = JSON.parse(source);
    } catch (error) {
      throw new Fault(`this is not whole JSON: ${error.message}`);
    }
    record(document, "$");
    if (document.porcelain !== "network" && document.porcelain !== "design")
      fail("$.porcelain", `${shown(document.porcelain)} where "network" or "design" is needed`);
    const known = VERSIONS[document.porcelain];
    if (!known.includes(document.version)) fail("$.version", `${shown(document.version)} where ${known.join(" or ")} is needed`);
    return document.porcelain === "design" ? checkDesign(document) : sketch(checkNetwork(document, "$"));
  }

  const KNOTS = 3; // as in porcelain/encoding.py
  const copies = (row) => Array(KNOTS).fill(row).flat();
  const complemented = (kind) => kind === "dual" || kind === "knots";

  /** mL per input bucket, from features in their own units. */
  function volumes(network, features, ml_per_unit) {
    const { zero, gain, most, kind, constant_u } = network.encoding;
    const u = features.map((x, i) => (x - zero[i]) * gain[i]);
    const span = most.map((x, i) => (x - zero[i]) * gain[i]);
    const left = u.map((x, i) => span[i] - x);
    const all = kind === "dual" ? [...u, ...left] : kind === "knots" ? [...copies(u), ...copies(left)] : kind === "constant" ? [...u, constant_u] : u;
    return all.map((x) => Math.max(x, 0) * ml_per_unit);
  }

  const HEIGHT_MM = 90, DRAIN_S = 4, GAP_MM = 60;

  /** Plain vessels, alike in plan, that hold the worst pour and run it off in a few seconds: no planned machine. */
  function sketch(network) {
    const { Engine } = root;
    const inputs = volumes(network, network.encoding.most, 1);
    const net = network.layers, reach = Engine.settle(net.map((l) => ({ ...l, thresholds: l.thresholds.map(() => 0) })), inputs).inflows;
    const room = reach.map((row, k) => row.map((x, i) => 1.15 * Math.max(x, k < net.length ? 1.3 * net[k].thresholds[i] : 0, 1)));
    const plan = 1000 * Math.max(...room.flat()) / HEIGHT_MM, side = Math.sqrt(plan);
    const labels = [[...network.encoding.feature_names]];
    if (network.encoding.kind === "constant") labels[0].push("constant");
    if (network.encoding.kind === "knots") labels[0] = copies(labels[0]).map((n, i) => `${n} ${1 + Math.floor(i / network.encoding.feature_names.length)}`);
    if (complemented(network.encoding.kind)) labels[0].push(...labels[0].map((n) => `not ${n}`));
    const vessel = (name, label, k, i) => {
      const tall = Math.max(1000 * room[k][i] / plan, 6);
      const z = (net.length - k) * (HEIGHT_MM + GAP_MM) + HEIGHT_MM - tall;
      return {
        name, label, at_mm: [(i - (room[k].length - 1) / 2) * side * 1.3, 0, z], size_mm: [side, side],
        slab_tops_mm: [tall], slab_areas_mm2: [plan],
      };
    };
    const pipes = [];
    const tiers = net.map((layer, k) => layer.thresholds.map((threshold, i) => {
      const bucket = vessel(`b${k}.${i}`, (k === 0 ? labels[0][i] : "") || `hidden ${i}`, k, i);
      const top = bucket.slab_tops_mm[0], sill = Math.min(1000 * threshold / plan, 0.98 * top);
      const outlet = { kind: "orifice", sill_mm: sill, discharge: 0.61 };
      const area = 2 * (top - sill) * plan / DRAIN_S / (0.61 * Math.sqrt(2 * 9806.65 * (top - sill)));
      layer.shares[i].forEach((share, j) => {
        const target = k + 1 < net.length ? `b${k + 1}.${j}` : `c${j}`;
        if (share > 0) pipes.push({ name: `p${k}.${i}-${j}`, source: bucket.name, target, share, area_mm2: area * share });
      });
      return { ...bucket, outlet };
    }));
    const cups = network.class_names.map((name, j) => vessel(`c${j}`, name, net.length, j));
    return { name: network.name || "network", network, ml_per_unit: 1, pour_ml_s: Math.max(...inputs) / 4 || 1, tiers, pipes, cups, sketch: true };
  }

  const Files = { open, volumes, sketch, Fault };
  if (typeof module !== "undefined" && module.exports) {
    root.Engine = require("./engine.js");
    module.exports = Files;
  } else root.Files = Files;
})(typeof globalThis !== "undefined" ? globalThis : this);
