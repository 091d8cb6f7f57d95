/* The page: what is typed and clicked becomes pours, what the engine says becomes pictures and words. */
(function (root) {
  "use strict";

  const { Engine, View, State, Files, Solid, Text_: Text } = root;
  const $ = (id) => document.getElementById(id);
  const payload = JSON.parse($("payload").textContent);
  /** The side along y that a design of its style is looked at from; plain vessels are looked at from -1. */
  const facingOf = (design) => (design.layout && payload.facing[design.layout.style]) || -1;
  const calm = root.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const BUDGET_MS = 11; // of a frame for the water; a machine too large for it runs slower than its clock
  const WORDS_MS = 130; // between updates of numbers in text
  const SAY_MS = 3500; // between announcements: human pace
  const ROOMY = 2; // how far beyond the data's range one may pour
  const MOST_UNDO = 30;
  const LATEST_S = 20000;
  const TEN_THOUSANDTH = 1e-4;
  // Okabe and Ito, Color Universal Design (2008), as in porcelain's figures
  const CLASS_INKS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7F00", "#7b7b7b"];
  const CLASS_INKS_DARK = ["#56B4E9", "#E69F00", "#2fc79a", "#e59cc6", "#0072B2", "#ff8a3d", "#c9bc35", "#b5b5b5"];
  const icon = (path) => `<svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true"><path d="${path}"/></svg>`;
  const DROP = icon("M8 1.3C5.6 4.8 3.7 7.2 3.7 9.8a4.3 4.3 0 0 0 8.6 0C12.3 7.2 10.4 4.8 8 1.3z");
  const PLAY = icon("M4 2.5v11l9-5.5z"), PAUSE = icon("M4 2.5h3v11H4zm5 0h3v11H9z");
  const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

  const IDEAL = "torricelli ideal";
  const made = payload.design.water.name; // a machine made for a real water is shown with it
  const USUAL = (made !== "ideal" && Object.keys(payload.machines).find((name) => name.endsWith(` ${made}`))) || IDEAL;

  const app = {
    base: payload.design, design: null, machine: null, net: null, sim: null, ghost: null, vessels: [], index: null,
    fields: [], past: [], playing: false, hand: new Map(), selected: null, water: USUAL, doubt: null,
    lay: null, inks: null, dirty: true, trail: [], spilt: [], frames: 0, solid: null, spilling: new Map(),
  };
  root.porcelain = { app, Engine, Files, State };

  const network = () => app.base.network;
  const encoding = () => network().encoding;
  const rate = () => app.base.pour_ml_s;
  const waterOf = (fields) => Files.volumes(network(), fields, app.base.ml_per_unit);

  // ---- a machine on the stage --------------------------------------------------------------------------------

  function useDesign(design, own) {
    app.base = design;
    app.own = own;
    app.doubt = null;
    app.selected = null;
    app.past = [];
    const { least, most } = encoding();
    app.fields = least.map((x, i) => round((x + most[i]) / 2, 1));
    $("title").textContent = Text.title(design.name);
    document.title = Text.title(design.name);
    $("subtitle").textContent = Text.subtitle({ buckets: design.tiers.flat().length, pipes: design.pipes.length, cups: design.cups.length, sketch: design.sketch });
    $("original").hidden = !own;
    document.body.classList.toggle("many", Math.max(...Engine.rowsOf(design).map((row) => row.length)) > 12);
    buildInputs();
    buildRows();
    buildWaters();
    buildDownloads();
    showDoubt();
    build([]);
    $("why-name").textContent = $("why-text").textContent = "";
    $("why-equation").replaceChildren();
    $("why-pipes").replaceChildren();
    $("why-hint").hidden = false;
    if (app.solid) closeSolid();
  }

  /** The machine as it stands now: printed with errors or not, with this water; and these pieces poured from the start. */
  function build(pieces) {
    app.design = app.doubt ? Engine.printed(app.base, app.doubt.bore, app.doubt.sill, app.doubt.seed) : app.base;
    const table = !app.own && !app.doubt && payload.machines[app.water];
    app.machine = table || Engine.layFlat(app.design);
    app.net = Engine.layers(app.design, app.machine);
    app.vessels = Engine.rowsOf(app.design).flat();
    app.index = new Map(app.vessels.map((vessel, v) => [vessel.name, v]));
    place();
    buildCups();
    restart(pieces);
  }

  function restart(pieces) {
    for (const held of [...app.hand.keys()]) release(held);
    app.sim = Engine.start(app.machine);
    pieces.forEach((piece) => Engine.add(app.sim, piece));
    app.trail = [];
    app.spilling.clear();
    app.spilt = spilledNow();
    poured();
  }

  /** After the water was changed: the ghost, the address and the words follow. */
  function poured() {
    app.ghost = null;
    app.dirty = true;
    $("undo").disabled = app.past.length === 0;
    if (calm && app.sim.pieces.length && !app.hand.size) runOut();
    else if (app.sim.pieces.length) setPlaying(true);
    words();
    save();
  }

  function ghostOf(sim) {
    const ghost = Engine.start(app.machine);
    Engine.totals(sim).forEach((ml, input) => {
      if (ml > 0) Engine.add(ghost, { input, start_s: 0, duration_s: ml / rate(), volume_ml: ml });
    });
    return ghost;
  }

  function remember() {
    for (const held of [...app.hand.keys()]) release(held);
    app.past.push({ sim: Engine.copy(app.sim), fields: [...app.fields], trail: [...app.trail] });
    if (app.past.length > MOST_UNDO) app.past.shift();
  }

  // ---- pouring -----------------------------------------------------------------------------------------------

  function pourAll() {
    if (!fieldsFine()) return;
    remember();
    restart(waterOf(app.fields).map((ml, input) => ({ input, start_s: 0, duration_s: ml / rate(), volume_ml: ml })));
  }

  function topUp() {
    if (!fieldsFine()) return;
    const have = Engine.totals(app.sim), want = waterOf(app.fields);
    const under = want.findIndex((ml, i) => ml < have[i] - TEN_THOUSANDTH);
    if (under >= 0) {
      $("fault").textContent = `${app.design.tiers[0][under].label}: ${Text.ml(have[under])} mL are in already, and water cannot be taken out. Empty and pour instead.`;
      return;
    }
    remember();
    // after what is still being poured there: two jugs at once could run the bucket over
    const free = (input) => Math.max(app.sim.t, ...app.sim.pieces.filter((p) => p.input === input).map((p) => p.start_s + p.duration_s));
    want.forEach((ml, input) => {
      const more = ml - have[input];
      if (more > TEN_THOUSANDTH) Engine.add(app.sim, { input, start_s: free(input), duration_s: more / rate(), volume_ml: more });
    });
    poured();
  }

  function hold(input) {
    if (app.hand.has(input)) return;
    const others = [...app.hand.keys()];
    if (!others.length) remember();
    app.hand.set(input, Engine.add(app.sim, { input, start_s: app.sim.t, duration_s: Infinity, volume_ml: 0, rate_ml_s: rate() }));
    document.querySelector(`.hold[data-input="${input}"]`).classList.add("on");
    app.ghost = null;
    setPlaying(true);
  }

  function release(input) {
    if (!app.hand.has(input)) return;
    Engine.stop(app.sim, app.hand.get(input));
    app.hand.delete(input);
    document.querySelector(`.hold[data-input="${input}"]`).classList.remove("on");
    followHand();
    poured();
  }

  /** Fields show what was poured by hand. */
  function followHand() {
    const { zero, gain } = encoding(), have = Engine.totals(app.sim);
    const hands = new Set(app.sim.pieces.filter((p) => p.rate_ml_s).map((p) => p.input));
    for (const i of hands) if (i < zero.length) setField(i, round(zero[i] + have[i] / app.base.ml_per_unit / gain[i], 2));
  }

  function undo() {
    const last = app.past.pop();
    if (!last) return;
    app.hand.clear();
    app.sim = last.sim;
    app.trail = last.trail;
    last.fields.forEach((x, i) => setField(i, x));
    app.spilt = spilledNow();
    poured();
    say(Text.undone);
  }

  function runOut() {
    const until = performance.now() + 4000;
    while (!Engine.resting(app.sim) && app.sim.t < LATEST_S && performance.now() < until) {
      Engine.advance(app.sim, app.sim.t + 0.25);
      note();
    }
    setPlaying(false);
    app.dirty = true;
    words();
    announce(true);
  }

  // ---- fields ------------------------------------------------------------------------------------------------

  const round = (x, digits) => Number(x.toFixed(digits));
  const limits = (i) => {
    const { zero, most, kind } = encoding();
    return [zero[i], kind === "dual" || kind === "knots" ? most[i] : zero[i] + ROOMY * (most[i] - zero[i])];
  };

  function buildInputs() {
    const { feature_names: names, feature_units: units, least, most } = encoding();
    $("inputs").replaceChildren(...names.map((name, i) => {
      const row = element("div", { class: "input" }), [low, high] = limits(i);
      const step = niceStep(most[i] - least[i]);
      row.innerHTML = `<label></label><span><input type="text" inputmode="decimal" autocomplete="off"> <span class="unit"></span></span><button type="button" class="hold" data-input="${i}">${DROP}</button><span class="slider"><input type="range"></span>`;
      const [label, field, unit, button, slider] = ["label", "input[type=text]", ".unit", ".hold", "input[type=range]"].map((q) => row.querySelector(q));
      label.textContent = name;
      label.htmlFor = field.id = `field-${i}`;
      unit.textContent = units[i];
      field.value = String(app.fields[i]);
      field.setAttribute("aria-describedby", "fault");
      Object.assign(slider, { min: Math.min(least[i], low), max: most[i], step, value: app.fields[i] });
      slider.setAttribute("aria-label", `${name}, ${units[i] || "value"}, ${least[i]} to ${most[i]} in the data`);
      label.title = `${least[i]} to ${most[i]} ${units[i]} in the data; up to ${round(high, 2)} can be poured`;
      button.setAttribute("aria-label", Text.holdLabel(name));
      button.title = Text.holdLabel(name);
      field.addEventListener("input", () => readField(i));
      slider.addEventListener("input", () => { setField(i, Number(slider.value)); checkFields(); doubtSoon(); });
      holdable(button, i);
      return row;
    }));
    checkFields();
  }

  function niceStep(range) {
    const raw = range / 60 || 0.1, power = 10 ** Math.floor(Math.log10(raw));
    return Number(([1, 2, 5].find((m) => m * power >= raw) || 10) * power).toPrecision(1) * 1;
  }

  function holdable(button, input) {
    const down = (event) => {
      event.preventDefault();
      button.focus();
      hold(input);
    };
    button.addEventListener("pointerdown", (event) => { if (event.button === 0) { button.setPointerCapture(event.pointerId); down(event); } });
    for (const end of ["pointerup", "pointercancel", "blur"]) button.addEventListener(end, () => release(input));
    button.addEventListener("keydown", (event) => { if ((event.key === " " || event.key === "Enter") && !event.repeat) down(event); });
    button.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") release(input); });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  const fieldOf = (i) => $(`field-${i}`);

  function setField(i, value) {
    app.fields[i] = value;
    const field = fieldOf(i);
    field.value = String(value);
    field.removeAttribute("aria-invalid");
    field.closest(".input").querySelector("input[type=range]").value = value;
  }

  /** What is wrong with the text of a field, or null. */
  function faultOf(i) {
    const name = encoding().feature_names[i], unit = encoding().feature_units[i], text = fieldOf(i).value.trim().replace(",", ".");
    const [low, high] = limits(i), value = Number(text);
    if (text === "") return Text.fieldFault.empty(name);
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Text.fieldFault.nonsense(name, text.slice(0, 30));
    if (value < low) return Text.fieldFault.low(name, value, low, unit);
    if (value > high) return Text.fieldFault.high(name, value, round(high, 2), unit);
    return null;
  }

  function readField(i) {
    if (!faultOf(i)) {
      app.fields[i] = Number(fieldOf(i).value.trim().replace(",", "."));
      fieldOf(i).closest(".input").querySelector("input[type=range]").value = app.fields[i];
    }
    checkFields();
    doubtSoon();
  }

  function checkFields() {
    let first = "";
    app.fields.forEach((_, i) => {
      const fault = faultOf(i);
      if (fault) fieldOf(i).setAttribute("aria-invalid", "true");
      else fieldOf(i).removeAttribute("aria-invalid");
      first = first || fault || "";
    });
    $("fault").textContent = first;
    return !first;
  }

  function fieldsFine() {
    if (checkFields()) return true;
    document.querySelector('.input input[aria-invalid="true"]').focus();
    return false;
  }

  function buildRows() {
    const data = app.own ? null : payload.data;
    $("pick-row").hidden = !data;
    if (!data) return;
    const groups = network().class_names.map((name) => element("optgroup", { label: name }));
    data.labels.forEach((label, n) => groups[label].append(element("option", { value: n }, Text.rowName(network().class_names[label], n + 1))));
    $("pick").replaceChildren(element("option", { value: "" }, `choose one of ${data.labels.length}`), ...groups);
  }

  function pickRow(n) {
    payload.data.features[n].forEach((x, i) => setField(i, x));
    $("pick").value = String(n);
    checkFields();
    doubtSoon();
  }

  function lucky() {
    if (!app.own && payload.data) pickRow(Math.floor(Math.random() * payload.data.labels.length));
    else encoding().least.forEach((low, i) => setField(i, round(low + Math.random() * (encoding().most[i] - low), 2)));
    pourAll();
  }

  // ---- time --------------------------------------------------------------------------------------------------

  const speed = () => 2 ** Number($("speed").value);

  function setPlaying(on) {
    app.playing = on;
    $("play").innerHTML = on ? PAUSE : PLAY;
    $("play").setAttribute("aria-label", on ? Text.pause : Text.play);
    last = null;
  }

  let last = null, lastWords = 0, lastSaid = 0;

  function frame(now) {
    requestAnimationFrame(frame);
    app.frames++;
    const past = last === null ? 1 / 60 : Math.min((now - last) / 1000, 0.1);
    last = now;
    const begun = performance.now();
    if (app.playing) {
      const until = app.sim.t + past * speed(), slice = Math.max(past * speed() / 8, app.sim.step);
      while (app.sim.t < until && performance.now() - begun < BUDGET_MS) Engine.advance(app.sim, Math.min(until, app.sim.t + slice));
      note();
      app.dirty = true;
      if (Engine.resting(app.sim) && !app.hand.size) {
        setPlaying(false);
        words();
        announce(true);
      } else if (app.sim.t > LATEST_S) setPlaying(false);
      if (app.hand.size) followHand();
    }
    haunt(begun);
    if (app.dirty) paint(now / 1000);
    if (app.playing && now - lastWords > WORDS_MS) {
      lastWords = now;
      words();
    }
    if (app.playing && now - lastSaid > SAY_MS) {
      lastSaid = now;
      announce(false);
    }
    if (app.solid) app.solid.frame();
  }

  /** Follow the ghost, the same water in one go, in what time a frame has left. */
  function haunt(begun) {
    if (!app.sim.pieces.length || app.hand.size) return;
    if (!app.ghost) app.ghost = { sim: ghostOf(app.sim), done: false };
    const { ghost } = app;
    if (ghost.done) return;
    while (!ghost.done && performance.now() - begun < BUDGET_MS + 3) {
      Engine.advance(ghost.sim, ghost.sim.t + 40 * ghost.sim.step);
      ghost.done = Engine.resting(ghost.sim) || ghost.sim.t > LATEST_S;
    }
    if (ghost.done) {
      app.dirty = true;
      words();
    }
  }

  const spilledNow = () => [...app.sim.buckets, ...app.sim.cups].map((v) => v.spilt);

  /** Remember what the cups hold, for the chart, and which vessels run over. */
  function note() {
    const { t, cups } = app.sim, lastTime = app.trail.length ? app.trail[app.trail.length - 1][0] : -1;
    if (t - lastTime >= 0.04) app.trail.push([t, ...cups.map((cup) => cup.water)]);
    if (app.trail.length > 1600) app.trail = app.trail.filter((_, i) => i % 2 === 0);
    const spilt = spilledNow();
    spilt.forEach((ml, v) => { if (ml > app.spilt[v] + 1e-6) app.spilling.set(app.vessels[v].name, t); });
    app.spilt = spilt;
    for (const [name, when] of app.spilling) if (t - when > 0.25) app.spilling.delete(name);
  }

  // ---- pictures ----------------------------------------------------------------------------------------------

  function inksOf() {
    const style = getComputedStyle(document.documentElement), dark = isDark();
    const v = (name) => style.getPropertyValue(name).trim();
    return {
      font: v("--font"), ink: v("--ink"), soft: v("--soft"), halo: dark ? "#18212acc" : "#fffdf9cc", select: v("--water-ink"),
      pipe: dark ? "#24313c" : "#eef2f4", pipeEdge: dark ? "#51636f" : "#b4c0c8", hole: dark ? "#0b1116b0" : "#2c3e4c99", sill: dark ? "#ff9a4d" : "#d55e00",
      back: dark ? "#1e2a34" : "#f7f8f7", backDark: dark ? "#17212a" : "#e6eaeb", wall: dark ? "#c9d3da" : "#ffffff", wallLight: dark ? "#e6edf1" : "#ffffff",
      wallDark: dark ? "#8c9ba6" : "#d4dce1", wallEdge: dark ? "#6d7d89" : "#9aa8b2", waterLight: dark ? "#4aa9e2e6" : "#6cbdeaeb", waterDark: dark ? "#1b6ba6f0" : "#2f86c4f0",
      waterEdge: dark ? "#8ccdf2" : "#2a78b0", waterMid: dark ? "#3f9bd4" : "#4ba3d9", stream: dark ? "#4aa9e2d0" : "#4ba3d9c8", glint: "#ffffff8c", scale: dark ? "#a7b4bf" : "#66757f",
      ghost: dark ? "#ffcf66" : "#8a5a00", leader: v("--leader"), leaderEdge: dark ? "#ffe3a0" : "#b57a00", leaderText: v("--leader-text"),
    };
  }

  const isDark = () => {
    const theme = document.documentElement.dataset.theme;
    return theme === "dark" || (theme === "auto" && root.matchMedia("(prefers-color-scheme: dark)").matches);
  };

  function sized(canvas) {
    const ratio = Math.min(root.devicePixelRatio || 1, 2), w = canvas.clientWidth, h = canvas.clientHeight;
    if (canvas.width !== Math.round(w * ratio)) canvas.width = Math.round(w * ratio);
    if (canvas.height !== Math.round(h * ratio)) canvas.height = Math.round(h * ratio);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return ctx;
  }

  let stillInk, movingInk;

  function place() {
    const { clientWidth: w, clientHeight: h } = $("cut");
    app.inks = inksOf();
    app.dirty = true;
    if (!w || !h) return;
    app.lay = View.layout(app.design, w, h, facingOf(app.design));
    stillInk = sized($("still"));
    movingInk = sized($("moving"));
    View.drawStill(stillInk, app.lay, app.inks);
    buildSpots();
  }

  function levelsOf(sim) {
    const volumes = Engine.volumes(sim);
    return new Map(app.vessels.map((vessel, v) => [vessel.name, Engine.levelAt(vessel, volumes[v])]));
  }

  function paint(seconds) {
    const { sim } = app, volumes = Engine.volumes(sim), { flow } = Engine.pipes(sim), nB = sim.buckets.length;
    const levels = levelsOf(sim), n = Engine.winner(volumes.slice(nB));
    const moving = new Set(), pouring = new Map();
    app.design.pipes.forEach((pipe, p) => {
      if (flow[p] > 0) {
        moving.add(pipe.source);
        moving.add(pipe.target);
      }
    });
    sim.pieces.forEach((piece) => {
      if (piece.start_s <= sim.t && sim.t < piece.start_s + piece.duration_s && piece.volume_ml !== 0 | piece.duration_s === Infinity) {
        const ml_s = piece.duration_s === Infinity ? piece.rate_ml_s : piece.volume_ml / piece.duration_s;
        pouring.set(app.vessels[piece.input].name, (pouring.get(app.vessels[piece.input].name) || 0) + ml_s);
        moving.add(app.vessels[piece.input].name);
      }
    });
    app.dirty = false;
    if (app.solid) app.solid.water(levels);
    if ($("cut").hidden || !app.lay) return;
    View.draw(movingInk, app.lay, {
      design: app.design, levels, volumes: new Map(app.vessels.map((vessel, v) => [vessel.name, volumes[v]])), spilling: app.spilling, flows: flow, moving, pouring,
      ghost: app.ghost && app.ghost.done ? levelsOf(app.ghost.sim) : null, leader: n < 0 ? null : app.design.cups[n].name, selected: app.selected,
      time: seconds, calm: calm || !app.playing,
    }, app.inks);
  }

  function drawChart() {
    const canvas = $("chart"), ctx = sized(canvas), w = canvas.clientWidth, h = canvas.clientHeight, { inks, trail } = app;
    if (!w) return;
    ctx.clearRect(0, 0, w, h);
    const left = 30, bottom = 18, { cups } = app.design, ink = isDark() ? CLASS_INKS_DARK : CLASS_INKS, named = cups.length <= 5;
    ctx.font = `10.5px ${inks.font}`;
    const right = named ? 10 + Math.min(Math.max(...cups.map((cup) => ctx.measureText(cup.label).width)), 90) : 6;
    const end = Math.max(app.sim.t, 1), most = Math.max(1, ...trail.map((row) => Math.max(...row.slice(1)))) * 1.08;
    const X = (t) => left + (w - left - right) * t / end, Y = (ml) => h - bottom - (h - bottom - 6) * ml / most;
    ctx.fillStyle = inks.soft;
    ctx.strokeStyle = isDark() ? "#2c3843" : "#ddd6c8";
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    const tick = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((ml) => most / ml <= 4.5) || 1000;
    for (let ml = 0; ml < most; ml += tick) {
      ctx.beginPath();
      ctx.moveTo(left, Y(ml));
      ctx.lineTo(w - right, Y(ml));
      ctx.stroke();
      ctx.fillText(ml, left - 5, Y(ml));
    }
    ctx.textBaseline = "bottom";
    ctx.fillText(`${end.toFixed(end < 10 ? 1 : 0)} s`, w - right, h);
    ctx.textAlign = "left";
    ctx.fillText("mL in the cups", left, h);
    cups.forEach((_, c) => {
      ctx.beginPath();
      trail.forEach((row, i) => (i ? ctx.lineTo(X(row[0]), Y(row[c + 1])) : ctx.moveTo(X(row[0]), Y(row[c + 1]))));
      ctx.strokeStyle = ink[c % 8];
      ctx.setLineDash(DASHES[Math.floor(c % 4)]);
      ctx.lineWidth = 2;
      ctx.stroke();
    });
    ctx.setLineDash([]);
    if (!named || !trail.length) return;
    // names at the ends of their lines, pushed apart where they would touch
    const ends = cups.map((cup, c) => ({ label: cup.label, c, y: Y(trail[trail.length - 1][c + 1]) })).sort((a, b) => b.y - a.y);
    ends.forEach((at, i) => { if (i) at.y = Math.min(at.y, ends[i - 1].y - 12); });
    ctx.textBaseline = "middle";
    for (const at of ends) {
      ctx.fillStyle = ink[at.c % 8];
      ctx.fillRect(w - right + 3, at.y - 1, 3, 3);
      ctx.fillStyle = inks.ink;
      ctx.fillText(at.label, w - right + 9, at.y, right - 9);
    }
  }

  // ---- words -------------------------------------------------------------------------------------------------

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  const say = (text) => { $("say").textContent = text; };

  function standing() {
    const cups = app.sim.cups.map((cup) => cup.water), first = Engine.winner(cups);
    const by = first < 0 ? 0 : cups[first] - Math.max(0, ...cups.filter((_, j) => j !== first));
    return { cups, first, by };
  }

  function verdict(still) {
    const { first, by } = standing();
    return first < 0 ? Text.nobody : by < 0.005 ? Text.tie : Text.verdict(app.design.cups[first].label, by, still);
  }

  function announce(still) {
    say(Text.say(app.sim.t, verdict(still), still));
  }

  /** When the last outlet stopped, or the last drop was poured. */
  const restingSince = () => !Engine.still(app.sim) ? app.sim.t : Math.max(...app.sim.buckets.map((st) => st.stopped), ...app.sim.pieces.map((p) => p.start_s + p.duration_s), 0);

  function words() {
    const { sim } = app, still = Engine.resting(sim), where = Engine.balance(sim), { cups, first } = standing();
    $("clock").textContent = Text.clock(still ? Math.min(sim.t, restingSince()) : sim.t);
    $("status").textContent = !sim.pieces.length ? Text.ready : still ? Text.atRest : app.playing ? Text.running : Text.paused;
    $("verdict").textContent = verdict(still);
    for (const part of ["cups", "kept", "moving", "spilled"])
      document.querySelector(`#balance-bar .${part}`).style.width = `${100 * where[part] / (where.poured || 1)}%`;
    const part = (name) => `<span><i style="background:var(--${name === "cups" ? "water" : name})"></i>${name} <b>${Text.ml(where[name])}</b></span>`;
    $("balance").innerHTML = `<span>poured <b>${Text.ml(where.poured)}</b> mL</span><span>=</span>${["cups", "kept", "moving", "spilled"].map(part).join("<span>+</span>")}`;
    $("balance").dataset.off = where.off;
    const ideal = sim.pieces.length ? Engine.settle(app.net, Engine.totals(sim)).cups : cups.map(() => 0);
    const ghost = app.ghost && app.ghost.done ? app.ghost.sim.cups.map((cup) => cup.water) : null;
    const most = Math.max(...cups, ...ideal, 1e-9);
    [...$("cups").tBodies[0].rows].forEach((row, c) => {
      row.classList.toggle("leads", c === first);
      row.cells[1].firstChild.style.width = `${100 * cups[c] / most}%`;
      row.cells[2].textContent = Text.ml(cups[c]);
      row.cells[3].textContent = ghost ? Text.ml(ghost[c]) : "…";
      row.cells[4].textContent = Text.ml(ideal[c]);
    });
    const off = Math.max(...cups.map((ml, c) => Math.abs(ml - ideal[c])));
    $("agreement").textContent = !sim.pieces.length ? "" : !still ? Text.onItsWay(where.moving + Engine.totals(sim).reduce((a, b) => a + b, 0) - where.poured)
      : where.spilled > 0.05 ? Text.spilledAway(where.spilled) : off > 0.05 ? Text.held : Text.agree(off);
    if (app.selected) explain();
    drawChart();
  }

  function buildCups() {
    $("cups").tBodies[0].replaceChildren(...app.design.cups.map((cup) => {
      const row = element("tr", {}, element("td"), element("td", { class: "level" }, element("span")), element("td"), element("td"), element("td"));
      row.cells[0].textContent = cup.label;
      return row;
    }));
  }

  // ---- why ---------------------------------------------------------------------------------------------------

  function factsOf(name) {
    const { sim, design } = app, p = design.pipes.findIndex((pipe) => pipe.name === name), flows = Engine.pipes(sim);
    if (p >= 0) {
      const pipe = design.pipes[p], all = design.pipes.filter((other) => other.source === pipe.source).reduce((sum, other) => sum + other.area_mm2, 0);
      return { kind: "pipe", title: pipe.name, name, source: pipe.source, target: pipe.target, share: pipe.area_mm2 / all, flow: flows.flow[p], passed: flows.passed[p], bore: Math.sqrt(4 * pipe.area_mm2 / Math.PI) };
    }
    const v = app.index.get(name), vessel = app.vessels[v], volume = Engine.volumes(sim)[v];
    const title = vessel.label === name ? name : `${name} · ${vessel.label}`;
    if (v >= sim.buckets.length) {
      const others = sim.cups.filter((_, c) => c !== v - sim.buckets.length).map((cup) => cup.water);
      return { kind: "cup", title, name, volume, by: volume - Math.max(0, ...others), capacity: Engine.capacity(vessel), spilled: sim.cups[v - sim.buckets.length].spilt };
    }
    const st = sim.buckets[v], mine = app.machine.bucket[v], branches = design.pipes.filter((pipe) => pipe.source === name);
    const areas = branches.reduce((sum, pipe) => sum + pipe.area_mm2, 0);
    const targets = branches.map((pipe) => ({ label: app.vessels[app.index.get(pipe.target)].label, share: pipe.area_mm2 / areas }))
      .sort((a, b) => b.share - a.share).slice(0, 5);
    return { kind: "bucket", title, name, label: vessel.label, volume, threshold: mine.base, flow: st.flow, runs: st.runs, passed: st.passed, spilled: st.spilt, targets };
  }

  function select(name, focus) {
    app.selected = name;
    app.dirty = true;
    $("why-hint").hidden = true;
    const pipes = app.design.pipes.filter((pipe) => pipe.source === name || pipe.target === name || pipe.name === name).slice(0, 60);
    $("why-pipes").replaceChildren(...pipes.map((pipe) => {
      const button = element("button", { type: "button" }, pipe.name === name ? `${pipe.source} → ${pipe.target}` : pipe.source === name ? `→ ${pipe.target}` : `from ${pipe.source}`);
      button.addEventListener("click", () => select(pipe.name === name ? pipe.target : pipe.name));
      return element("li", {}, button);
    }));
    explain();
    if (focus) $("why-name").scrollIntoView({ block: "nearest" });
  }

  function explain() {
    const facts = factsOf(app.selected);
    $("why-name").textContent = facts.title;
    $("why-text").textContent = Text[facts.kind](facts);
    $("why-equation").replaceChildren(...equation(facts));
  }

  /** The equation with the numbers filled in: what reaches this vessel from each bucket above. */
  function equation(facts) {
    if (facts.kind === "pipe" || !app.sim.pieces.length) return [];
    const row = Engine.rowsOf(app.design).findIndex((vessels) => vessels.some((v) => v.name === facts.name));
    const settled = Engine.settle(app.net, Engine.totals(app.sim)), at = Engine.rowsOf(app.design)[row].findIndex((v) => v.name === facts.name);
    if (row === 0) return [element("p", {}, Text.poursIn(facts.label, settled.inflows[0][at]))];
    const layer = app.net[row - 1], above = settled.inflows[row - 1], table = element("table"), body = element("tbody");
    table.append(body);
    layer.thresholds.forEach((threshold, i) => {
      const share = layer.shares[i][at];
      if (share === 0) return;
      const line = `max(${Text.ml(above[i])} − ${Text.ml(threshold)}, 0) × ${share.toFixed(3)}`;
      body.append(element("tr", {}, element("td", {}, app.design.tiers[row - 1][i].name), element("td", {}, line), element("td", {}, `${Text.ml(Math.max(above[i] - threshold, 0) * share)}`)));
    });
    body.append(element("tr", { class: "sum" }, element("td"), element("td", {}, "sum"), element("td", {}, `${Text.ml(settled.inflows[row][at])} mL`)));
    return [element("p", {}, Text.equationOf(facts.name)), table];
  }

  function buildSpots() {
    const spots = [...app.lay.boxes.values()].map((box) => {
      const vessel = app.vessels[app.index.get(box.name)];
      const spot = element("button", { type: "button", tabindex: "-1", "data-name": box.name, "aria-label": `${box.name} ${vessel.label}` });
      Object.assign(spot.style, { left: `${box.x - 3}px`, top: `${box.y - 3}px`, width: `${box.w + 6}px`, height: `${box.h + 6}px` });
      spot.addEventListener("click", () => select(box.name, true));
      spot.addEventListener("focus", () => {
        for (const other of $("spots").children) other.tabIndex = other === spot ? 0 : -1;
        if (spot.matches(":focus-visible")) {
          select(box.name);
          showTip(box.name, box.x + box.w / 2, box.y);
        }
      });
      spot.addEventListener("blur", hideTip);
      spot.addEventListener("keydown", (event) => moveFocus(event, box));
      return spot;
    });
    const had = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.name;
    $("spots").replaceChildren(...spots);
    if (spots.length) spots[0].tabIndex = 0;
    if (had && app.lay.boxes.has(had)) spots.find((s) => s.dataset.name === had).focus();
  }

  function moveFocus(event, box) {
    const turn = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!turn) return;
    event.preventDefault();
    const middle = box.x + box.w / 2, boxes = [...app.lay.boxes.values()];
    const there = turn[0] ? boxes.filter((b) => b.row === box.row + turn[0]) : boxes.filter((b) => b.row === box.row && (b.x - box.x) * turn[1] > 0);
    there.sort((a, b) => Math.abs(a.x + a.w / 2 - middle) - Math.abs(b.x + b.w / 2 - middle));
    if (there[0]) document.querySelector(`#spots [data-name="${there[0].name}"]`).focus();
  }

  function showTip(name, x, y) {
    const facts = factsOf(name), tip = $("tip");
    tip.replaceChildren(element("b", {}, facts.title), Text.tip[facts.kind](facts));
    tip.hidden = false;
    const half = tip.offsetWidth / 2 + 4;
    tip.style.left = `${Math.min(Math.max(x, half), app.lay.width - half)}px`;
    tip.style.top = `${Math.max(y - 8, tip.offsetHeight + 2)}px`;
  }

  const hideTip = () => { $("tip").hidden = true; };

  // ---- doubt, water, files, 3D -------------------------------------------------------------------------------

  function buildWaters() {
    const names = app.own ? [IDEAL] : [IDEAL, ...Object.keys(payload.machines)];
    $("water").replaceChildren(...names.map((name) => element("option", { value: name }, Text.waters[name] || name)));
    if (!names.includes(app.water)) app.water = names[0];
    $("water").value = app.water;
  }

  function showDoubt() {
    const { doubt } = app;
    $("doubt").checked = Boolean(doubt);
    $("doubt-more").hidden = !doubt;
    $("water").disabled = Boolean(doubt);
    $("water").title = doubt ? Text.lawInDoubt : "";
    if (!doubt) return;
    $("bore").value = doubt.bore;
    $("sill").value = doubt.sill;
    $("bore-out").textContent = `${doubt.bore.toFixed(2)} mm`;
    $("sill-out").textContent = `${doubt.sill.toFixed(2)} mm`;
    $("print-number").textContent = Text.printNumber(doubt.seed);
    countDoubt();
  }

  function setDoubt(doubt) {
    app.doubt = doubt;
    showDoubt();
    build(app.sim.pieces.map((piece) => ({ ...piece })));
  }

  /** How often these numbers change class over many prints, each settled by the equation of its millimetres. */
  function countDoubt() {
    const { doubt, base } = app, n = Math.max(20, Math.min(500, Math.floor(60000 / base.pipes.length)));
    const water = waterOf(app.fields), right = Engine.winner(Engine.settle(Engine.layers(base), water).cups), others = new Map();
    let changed = 0;
    for (let seed = 1; seed <= n; seed++) {
      const found = Engine.winner(Engine.settle(Engine.layers(Engine.printed(base, doubt.bore, doubt.sill, seed)), water).cups);
      if (found !== right) {
        changed++;
        others.set(found, (others.get(found) || 0) + 1);
      }
    }
    const label = (c) => (c < 0 ? "nobody" : base.cups[c].label);
    const text = [...others].sort((a, b) => b[1] - a[1]).map(([c]) => label(c)).join(" or ");
    $("doubt-text").textContent = Text.doubt(n, changed, label(right), text);
    $("doubt-text").dataset.changed = changed;
  }

  let doubtTimer;
  function doubtSoon() {
    clearTimeout(doubtTimer);
    if (app.doubt) doubtTimer = setTimeout(countDoubt, 250);
  }

  function save() {
    const hash = State.toHash({ fields: app.fields, pieces: app.sim.pieces.filter((p) => p.duration_s !== Infinity), water: app.water === USUAL ? null : app.water.replace(" ", "-"), doubt: app.doubt });
    try {
      history.replaceState(null, "", hash);
    } catch {
      location.hash = hash; // a browser that guards file addresses
    }
  }

  function restore(hash) {
    const state = State.fromHash(hash, app.fields.length);
    if (state.fields) state.fields.forEach((x, i) => setField(i, x));
    const water = state.water && state.water.replace("-", " ");
    if (water === IDEAL || payload.machines[water]) app.water = $("water").value = water;
    app.doubt = state.doubt;
    showDoubt();
    checkFields();
    build(state.pieces);
  }

  async function share() {
    save();
    try {
      await navigator.clipboard.writeText(location.href);
      say(Text.shared);
      $("share").textContent = "Copied";
    } catch {
      say(Text.shareByHand);
      $("share").textContent = "It is in the address bar";
    }
    setTimeout(() => { $("share").textContent = "Copy link"; }, 2500);
  }

  function openOwn(file) {
    $("own-fault").textContent = "";
    if (!file) return;
    if (file.size > 2e7) {
      $("own-fault").textContent = `${file.name}: ${(file.size / 1e6).toFixed(0)} MB is more than a network or a design has.`;
      return;
    }
    file.text().then((text) => {
      useDesign(Files.open(text), true);
      say(Text.opened(app.base.name));
      scrollTo({ top: 0 });
    }).catch((error) => {
      $("own-fault").textContent = `${file.name}: ${error instanceof Files.Fault ? error.message : "it cannot be read"}.`;
      $("own-fault").scrollIntoView({ block: "nearest" });
    });
  }

  function link(name, bytes, type, text, big) {
    const a = element("a", { download: name, href: URL.createObjectURL(new Blob([bytes], { type })) }, text || name);
    if (big) a.className = "big";
    return element("li", {}, a);
  }

  const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

  function buildDownloads() {
    const { design } = payload, own = app.own, items = [];
    if (!own && payload.package) items.push(link(`${design.name}.3mf`, bytesOf(payload.package), "model/3mf", `${design.name}.3mf, all parts`, true));
    const name = own ? app.base.name : design.name;
    if (!app.base.sketch) items.push(link(`${name}.design.json`, JSON.stringify(app.base, null, 1), "application/json", "design.json"));
    $("downloads").replaceChildren(...items);
    if (own) return;
    Promise.all(payload.parts.map(async (part) => link(`${part.name}.stl`, await Solid.unpack(part.stl), "model/stl")))
      .then((links) => { if (!app.own) $("downloads").append(...links); }).catch(() => {});
  }

  async function openSolid() {
    $("tab-cut").setAttribute("aria-pressed", "false");
    $("tab-solid").setAttribute("aria-pressed", "true");
    $("cut").hidden = true;
    $("solid").hidden = false;
    $("solid-note").textContent = "";
    if (app.solid) return app.solid.resize();
    if (app.own || !payload.parts.length) {
      $("solid-note").textContent = Text.noParts;
      return;
    }
    if (!root.THREE) document.head.append(element("script", {}, $("three").textContent));
    try {
      app.solid = await Solid.open($("space"), app.design, payload.parts, calm, facingOf(app.design));
      app.solid.resize();
      $("explode").hidden = payload.parts.length < 2;
      app.dirty = true;
    } catch {
      $("solid-note").textContent = Text.no3d;
    }
  }

  function closeSolid() {
    $("tab-cut").setAttribute("aria-pressed", "true");
    $("tab-solid").setAttribute("aria-pressed", "false");
    $("cut").hidden = false;
    $("solid").hidden = true;
    place();
  }

  // ---- wiring ------------------------------------------------------------------------------------------------

  function wire() {
    const on = (id, event, act) => $(id).addEventListener(event, act);
    on("pour-form", "submit", (event) => { event.preventDefault(); pourAll(); });
    on("pour", "click", pourAll);
    on("lucky", "click", lucky);
    on("top-up", "click", topUp);
    on("undo", "click", undo);
    on("empty", "click", () => { remember(); restart([]); setPlaying(false); say(Text.emptied); });
    on("pick", "change", () => { if ($("pick").value !== "") pickRow(Number($("pick").value)); });
    on("play", "click", () => {
      if (!app.sim.pieces.length) pourAll();
      else setPlaying(!app.playing);
      words();
    });
    on("single", "click", () => { setPlaying(false); Engine.advance(app.sim, app.sim.t + 0.1); note(); app.dirty = true; words(); });
    on("finish", "click", runOut);
    on("speed", "input", () => {
      const s = speed();
      $("speed-out").textContent = s < 1 ? `1/${1 / s}×` : `${s}×`;
      $("speed").setAttribute("aria-valuetext", `${s} times`);
    });
    on("tab-cut", "click", closeSolid);
    on("tab-solid", "click", openSolid);
    on("explode", "click", () => {
      const apart = $("explode").getAttribute("aria-pressed") !== "true";
      $("explode").setAttribute("aria-pressed", apart);
      $("explode").textContent = apart ? "Put together" : "Take apart";
      if (app.solid) app.solid.explode(apart);
      app.dirty = true;
    });
    on("glass", "click", () => {
      const clear = $("glass").getAttribute("aria-pressed") !== "true";
      $("glass").setAttribute("aria-pressed", clear);
      if (app.solid) app.solid.glass(clear);
    });
    on("solid-home", "click", () => { if (app.solid) app.solid.home(); });
    on("space", "pointermove", (event) => {
      if (!app.solid || event.buttons) return;
      const box = $("space").getBoundingClientRect();
      const name = app.solid.nameAt(2 * (event.clientX - box.left) / box.width - 1, 1 - 2 * (event.clientY - box.top) / box.height);
      $("solid-note").textContent = name || "";
    });
    on("water", "change", () => { app.water = $("water").value; build(app.sim.pieces.map((piece) => ({ ...piece }))); });
    on("doubt", "change", () => setDoubt($("doubt").checked ? { bore: Number($("bore").value), sill: Number($("sill").value), seed: 1 } : null));
    for (const id of ["bore", "sill"]) on(id, "input", () => setDoubt({ ...app.doubt, [id]: Number($(id).value) }));
    on("reprint", "click", () => setDoubt({ ...app.doubt, seed: app.doubt.seed + 1 }));
    on("share", "click", share);
    on("theme", "click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      place();
      words();
    });
    on("own", "change", () => openOwn($("own").files[0]));
    on("original", "click", (event) => { event.preventDefault(); $("own").value = ""; useDesign(payload.design, false); });
    on("cut", "pointermove", (event) => {
      const box = $("cut").getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top, name = app.lay && View.hit(app.lay, x, y);
      if (name) showTip(name, x, y);
      else hideTip();
    });
    on("cut", "pointerleave", hideTip);
    on("cut", "click", (event) => {
      const box = $("cut").getBoundingClientRect(), name = View.hit(app.lay, event.clientX - box.left, event.clientY - box.top);
      if (name) select(name);
    });
    addEventListener("dragover", (event) => { event.preventDefault(); $("drop").hidden = false; });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
    addEventListener("drop", (event) => { event.preventDefault(); $("drop").hidden = true; openOwn(event.dataTransfer.files[0]); });
    new ResizeObserver(() => {
      place();
      words();
      if (app.solid && !$("solid").hidden) app.solid.resize();
    }).observe($("cut").parentElement);
    root.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", place);
    addEventListener("hashchange", () => restore(location.hash));
  }

  const asked = location.hash;
  useDesign(payload.design, false);
  if (payload.data && !asked) pickRow(payload.first);
  if (asked) restore(asked);
  setPlaying(app.playing);
  wire();
  requestAnimationFrame(frame);
})(window);
