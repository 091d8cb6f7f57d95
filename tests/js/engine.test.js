"use strict";
// The page's engine against the table that the Python engine wrote.
const test = require("node:test");
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const Engine = require("../../porcelain/show/page/engine.js");

const POURS = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "pours.json")));
const worst = (a, b) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
const all = (pour) => pour.pieces.reduce((sum, piece) => sum + piece.volume_ml, 0) + pour.start_ml.reduce((a, b) => a + b, 0);

function follow(pour, machine, each = () => {}) {
  const sim = Engine.start(machine, 1e-9, pour.start_ml);
  pour.pieces.forEach((piece) => Engine.add(sim, piece));
  pour.times_s.forEach((t, i) => each(Engine.advance(sim, t), i));
  return sim;
}

for (const pour of POURS) {
  const close = 1e-7 * all(pour);
  test(`${pour.name}: volumes over time within 1e-7 of the water, the last within 1e-9, balance 1e-12`, () => {
    let off = 0, lost = 0;
    const end = follow(pour, pour.machine, (sim, i) => {
      off = Math.max(off, worst(Engine.volumes(sim), pour.volumes_ml[i]));
      lost = Math.max(lost, Math.abs(Engine.balance(sim).off));
    });
    console.log(`# ${pour.name}: ${(off / all(pour)).toExponential(1)}, balance ${(lost / all(pour)).toExponential(1)}`);
    assert.ok(off <= close, `off by ${off} of ${all(pour)} mL`);
    assert.ok(worst(Engine.volumes(end), pour.volumes_ml[pour.volumes_ml.length - 1]) <= 1e-9 * all(pour));
    assert.ok(lost <= 1e-12 * all(pour), `lost ${lost} mL`);
    const spilled = [...end.buckets, ...end.cups].map((vessel) => vessel.spilt);
    assert.ok(worst(spilled, pour.spilled_ml) <= close);
    assert.ok(worst([...Engine.pipes(end).passed], pour.passed_ml) <= 2 * close);
    assert.strictEqual(Engine.still(end), pour.status === "settled");
  });

  if (pour.settled_ml) {
    test(`${pour.name}: ends at the ideal equation, within 1e-12`, () => {
      const end = follow(pour, pour.machine);
      assert.ok(worst(Engine.volumes(end), pour.settled_ml) <= 1e-12 * all(pour), `${worst(Engine.volumes(end), pour.settled_ml)}`);
      const ideal = Engine.settle(Engine.layers(pour.design, pour.machine), Engine.totals(end));
      assert.ok(worst([...ideal.kept.flat(), ...ideal.cups], pour.settled_ml) <= 1e-12 * all(pour));
    });
  }

  if (pour.machine.law === "torricelli" && pour.machine.water === "ideal") {
    test(`${pour.name}: lays the machine flat as Python does`, () => {
      const mine = Engine.layFlat(pour.design), theirs = pour.machine;
      const close = (a, b) => a === b || (a === Infinity && b === null) || Math.abs(a - b) <= 1e-11 * (1 + Math.abs(a));
      for (const what of ["source", "band", "bucket"]) {
        assert.strictEqual(mine[what].length, theirs[what].length);
        mine[what].forEach((row, k) => Object.keys(theirs[what][k]).forEach((name) => {
          if ((what === "bucket" && (name === "gate" || name === "way" || (k >= mine.nBuckets && /band|edge/.test(name)))) || name === "delay") return;
          assert.ok(close(row[name], theirs[what][k][name]), `${what} ${k} ${name}: ${row[name]} ${theirs[what][k][name]}`);
        }));
      }
      mine.poly.forEach((row, k) => row.forEach((c, i) => assert.ok(close(c, theirs.poly[k][i]))));
      for (const what of ["edge", "edgeBand", "pipeStream", "pipeFactor", "pipeSource"])
        assert.ok(mine[what].length === theirs[what].length && mine[what].every((x, i) => close(x, theirs[what][i])), what);
    });
  }
}

test("level sills come to rest for a reader, though never quite", () => {
  const sim = follow(POURS.find((pour) => pour.machine.law === "weir"), POURS.find((pour) => pour.machine.law === "weir").machine);
  Engine.advance(sim, 300);
  assert.ok(Engine.resting(sim));
  assert.ok(Engine.balance(sim).moving < 0.05);
});

const iris = POURS[0];

test("a pour by hand is the pour that was planned", () => {
  const sim = Engine.start(iris.machine, 1e-8);
  const hand = Engine.add(sim, { input: 0, start_s: 0, duration_s: Infinity, rate_ml_s: 10 });
  Engine.advance(sim, 3.3);
  Engine.stop(sim, hand);
  Engine.advance(sim, 20);
  const planned = Engine.start(iris.machine, 1e-8);
  Engine.add(planned, { input: 0, start_s: 0, duration_s: 3.3, volume_ml: 33 });
  Engine.advance(planned, 20);
  assert.ok(worst(Engine.volumes(sim), Engine.volumes(planned)) < 1e-9);
  assert.ok(Engine.still(sim));
});

test("water added later ends where one pour ends, and a copy goes its own way", () => {
  const sim = Engine.start(iris.machine);
  [20, 10, 14, 8].forEach((ml, input) => Engine.add(sim, { input, start_s: 0, duration_s: 4, volume_ml: ml }));
  Engine.advance(sim, 2.5);
  const other = Engine.copy(sim);
  [42, 24, 40, 15].forEach((ml, input) => Engine.add(sim, { input, start_s: sim.t, duration_s: 8, volume_ml: ml }));
  while (!Engine.still(sim)) Engine.advance(sim, sim.t + 1);
  const ideal = Engine.settle(Engine.layers(iris.design), [62, 34, 54, 23]);
  assert.ok(worst(Engine.volumes(sim).slice(-3), ideal.cups) < 1e-10);
  assert.strictEqual(other.pieces.length, 4);
  assert.ok(Math.abs(Engine.balance(Engine.advance(other, 30)).poured - 52) < 1e-12);
});

test("a print differs as its seed does and by the errors stated", () => {
  const spread = Array.from({ length: 400 }, (_, seed) => Engine.printed(iris.design, 0.1, 0.1, seed));
  const sill = iris.design.tiers[1][0].outlet.sill_mm;
  const offs = spread.map((design) => design.tiers[1][0].outlet.sill_mm - sill);
  const sd = Math.sqrt(offs.reduce((sum, x) => sum + x * x, 0) / offs.length);
  assert.ok(Math.abs(sd - 0.1) < 0.012, `${sd}`);
  const bores = spread.map((design) => Math.sqrt(design.pipes[0].area_mm2 * 4 / Math.PI) - Math.sqrt(iris.design.pipes[0].area_mm2 * 4 / Math.PI));
  assert.ok(Math.abs(Math.sqrt(bores.reduce((sum, x) => sum + x * x, 0) / 400) - 0.1) < 0.012);
  assert.deepStrictEqual(Engine.printed(iris.design, 0.1, 0.1, 7), Engine.printed(iris.design, 0.1, 0.1, 7));
  assert.deepStrictEqual(Engine.printed(iris.design, 0, 0, 3).tiers, iris.design.tiers);
});
