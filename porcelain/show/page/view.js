/* The cut-away picture. It knows no physics: it is told levels, flows and names, and draws them to scale. */
(function (root) {
  "use strict";

  const PIPE_MM = 11; // width of a pipe that carries a whole bucket's outflow
  const LEAST_GAP_MM = 34; // rows that overlap in height are drawn this far apart
  const SAMPLES = 24;
  const MOST_DROP_PX = 260;
  const DENSE = 300; // pipes: more are drawn thin, and the running ones kept as a picture
  const KEEP_MS = 160;

  // ---- where everything stands -------------------------------------------------------------------------------

  /** Places in px for a stage of this size, seen from the side along y that is facing. Vessels keep their proportions. */
  function layout(design, width, height, facing) {
    const rows = [...design.tiers, design.cups];
    const tall = (v) => v.slab_tops_mm[v.slab_tops_mm.length - 1];
    const narrow = width < 480;
    const margin = { x: narrow ? 18 : 26, top: 50, bottom: 62 };
    const axisOf = (row) => {
      const reach = [0, 1].map((a) => Math.max(...row.map((v) => v.at_mm[a])) - Math.min(...row.map((v) => v.at_mm[a])));
      return reach[1] > reach[0] ? 1 : 0;
    };
    // real heights; a row that would hide behind the one above is drawn lower
    const floors = rows.map((row) => row.map((v) => v.at_mm[2]));
    for (let k = rows.length - 2; k >= 0; k--) {
      const below = Math.max(...rows[k + 1].map((v, i) => floors[k + 1][i] + tall(v)));
      const lift = below + LEAST_GAP_MM - Math.min(...floors[k]);
      if (lift > 0) for (let above = k; above >= 0; above--) floors[above] = floors[above].map((z) => z + lift);
    }
    const low = Math.min(...floors.flat()), high = Math.max(...rows.flatMap((row, k) => row.map((v, i) => floors[k][i] + tall(v))));
    const axes = rows.map(axisOf);
    const sum = rows.map((row, k) => row.reduce((total, v) => total + v.size_mm[axes[k]], 0));
    const natural = Math.max(...rows.map((row, k) => sum[k] + (row.length - 1) * 0.28 * sum[k] / row.length));
    const scale = Math.min((height - margin.top - margin.bottom) / (high - low), (width - 2 * margin.x) / natural);
    const room = (width - 2 * margin.x) / scale;
    // what height is left goes between the rows
    const spare = height - margin.top - margin.bottom - (high - low) * scale;
    const drop = Math.min(spare / (rows.length - 1), MOST_DROP_PX), top = margin.top + (spare - drop * (rows.length - 1)) / 2;
    const boxes = new Map(), side = -facing; // seen from y > 0, x runs to the left
    rows.forEach((row, k) => {
      const mean = sum[k] / row.length;
      const gap = row.length > 1 ? Math.min((room - sum[k]) / (row.length - 1), 1.5 * mean) : 0;
      let x = width / 2 - (sum[k] + gap * (row.length - 1)) * scale / 2;
      [...row.keys()].sort((a, b) => side * (row[a].at_mm[axes[k]] - row[b].at_mm[axes[k]])).forEach((i) => {
        const v = row[i], w = v.size_mm[axes[k]] * scale, h = tall(v) * scale;
        boxes.set(v.name, { name: v.name, x, y: top + drop * k + (high - floors[k][i] - tall(v)) * scale, w, h, row: k, column: i, scale, cup: k === rows.length - 1 });
        x += w + gap * scale;
      });
    });
    return { width, height, scale, boxes, dense: design.pipes.length > DENSE, kept: null, pipes: pipePaths(design, boxes, scale), wall: Math.min(Math.max(1.8 * scale, 1), 5) };
  }

  function pipePaths(design, boxes, scale) {
    const group = (key) => {
      const found = new Map();
      for (const pipe of design.pipes) found.set(pipe[key], [...(found.get(pipe[key]) || []), pipe]);
      return found;
    };
    const middle = (name) => boxes.get(name).x + boxes.get(name).w / 2;
    const leave = group("source"), arrive = group("target");
    for (const fan of leave.values()) fan.sort((a, b) => middle(a.target) - middle(b.target));
    for (const fan of arrive.values()) fan.sort((a, b) => middle(a.source) - middle(b.source));
    const areas = new Map([...leave].map(([name, fan]) => [name, fan.reduce((sum, pipe) => sum + pipe.area_mm2, 0)]));
    return design.pipes.map((pipe) => {
      const from = boxes.get(pipe.source), to = boxes.get(pipe.target);
      const bucket = design.tiers[from.row][from.column];
      const place = (box, fan) => box.x + box.w * (fan.indexOf(pipe) + 1) / (fan.length + 1);
      const x0 = place(from, leave.get(pipe.source)), x1 = place(to, arrive.get(pipe.target));
      const yHole = from.y + from.h - bucket.outlet.sill_mm * scale, y0 = from.y + from.h + 3, y1 = to.y - Math.max(5, 3.5 * scale);
      const c = 0.55 * (y1 - y0);
      const points = [[x0, yHole]];
      for (let s = 0; s <= SAMPLES; s++) {
        const t = s / SAMPLES, u = 1 - t;
        points.push([u * u * u * x0 + 3 * u * u * t * x0 + 3 * u * t * t * x1 + t * t * t * x1, u * u * u * y0 + 3 * u * u * t * (y0 + c) + 3 * u * t * t * (y1 - c) + t * t * t * y1]);
      }
      const share = pipe.area_mm2 / areas.get(pipe.source);
      return { name: pipe.name, source: pipe.source, target: pipe.target, share, width: Math.max(PIPE_MM * share * Math.min(scale, 3), 0.8), points, x1, y1 };
    });
  }

  /** The name of what is drawn at a place: a vessel, or the nearest pipe. */
  function hit(lay, x, y) {
    for (const box of lay.boxes.values())
      if (x >= box.x - 4 && x <= box.x + box.w + 4 && y >= box.y - 4 && y <= box.y + box.h + 4) return box.name;
    let best = null, least = 7;
    for (const pipe of lay.pipes)
      for (let i = 1; i < pipe.points.length; i++) {
        const [ax, ay] = pipe.points[i - 1], [bx, by] = pipe.points[i];
        const t = Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 || 1), 0), 1);
        const far = Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) - pipe.width / 2;
        if (far < least) {
          least = far;
          best = pipe.name;
        }
      }
    return best;
  }

  // ---- drawing -----------------------------------------------------------------------------------------------

  function trace(ctx, points) {
    ctx.beginPath();
    points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  }

  function stroke(ctx, points, width, colour, dash, shift) {
    trace(ctx, points);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.setLineDash(dash || []);
    ctx.lineDashOffset = shift || 0;
    ctx.stroke();
  }

  /** What never moves within a pour: dry pipes and porcelain. Drawn once per layout and theme. */
  function drawStill(ctx, lay, inks) {
    ctx.clearRect(0, 0, lay.width, lay.height);
    ctx.lineJoin = "round";
    ctx.lineCap = "butt";
    if (lay.dense) drawThin(ctx, lay.pipes, inks.pipeEdge);
    else {
      for (const pipe of lay.pipes) stroke(ctx, pipe.points, pipe.width + (pipe.width > 2 ? 2.4 : 0.6), inks.pipeEdge);
      for (const pipe of lay.pipes) if (pipe.width > 1.5) stroke(ctx, pipe.points, pipe.width, inks.pipe);
    }
    for (const box of lay.boxes.values()) {
      const shade = ctx.createLinearGradient(box.x, 0, box.x + box.w, 0);
      shade.addColorStop(0, inks.backDark);
      shade.addColorStop(0.3, inks.back);
      shade.addColorStop(0.75, inks.back);
      shade.addColorStop(1, inks.backDark);
      ctx.fillStyle = shade;
      ctx.fillRect(box.x, box.y, box.w, box.h);
    }
  }

  /** The moving picture. scene: { design, levels, volumes, spills, flows, moving, pouring, ghost, leader, selected, time, calm } */
  function draw(ctx, lay, scene, inks) {
    ctx.clearRect(0, 0, lay.width, lay.height);
    ctx.lineJoin = "round";
    ctx.lineCap = "butt";
    const most = scene.flows.reduce((a, b) => Math.max(a, b), 1), runs = (p) => scene.flows[p] > 0.004 * most;
    const chosen = lay.pipes.find((pipe) => pipe.name === scene.selected);
    if (chosen) stroke(ctx, chosen.points, chosen.width + 6, inks.select);
    if (lay.dense) ctx.drawImage(keptRunning(ctx, lay, runs, inks), 0, 0, lay.width, lay.height);
    lay.pipes.forEach((pipe, p) => { if (!lay.dense && runs(p)) drawRunning(ctx, pipe, scene, inks); });
    lay.pipes.forEach((pipe, p) => { if (runs(p) && !(lay.dense && pipe.width < 1.5)) drawStream(ctx, lay, pipe, scene.flows[p] / most, scene, inks); });
    for (const box of lay.boxes.values()) drawVessel(ctx, lay, box, scene, inks);
  }

  /** Many pipes at once: the fainter the less they carry. */
  function drawThin(ctx, pipes, colour) {
    for (const pipe of pipes) {
      ctx.globalAlpha = Math.min(0.12 + 3 * pipe.share, 1);
      stroke(ctx, pipe.points.slice(1), Math.max(0.5 * pipe.width, 0.8), colour);
    }
    ctx.globalAlpha = 1;
  }

  /** The running pipes of a dense machine as a picture, renewed a few times a second. */
  function keptRunning(ctx, lay, runs, inks) {
    const now = performance.now();
    if (!lay.kept || lay.kept.inks !== inks || now - lay.kept.drawn > KEEP_MS) {
      const key = lay.pipes.map((_, p) => (runs(p) ? 1 : 0)).join("");
      if (!lay.kept || lay.kept.inks !== inks || lay.kept.key !== key) {
        const canvas = lay.kept ? lay.kept.canvas : document.createElement("canvas");
        canvas.width = ctx.canvas.width;
        canvas.height = ctx.canvas.height;
        const own = canvas.getContext("2d");
        own.setTransform(ctx.getTransform());
        drawThin(own, lay.pipes.filter((_, p) => runs(p)), inks.waterMid);
        lay.kept = { canvas, key, inks };
      }
      lay.kept.drawn = now;
    }
    return lay.kept.canvas;
  }

  function drawRunning(ctx, pipe, scene, inks) {
    if (pipe.width > 2) stroke(ctx, pipe.points, pipe.width + 1.6, inks.waterEdge);
    stroke(ctx, pipe.points, Math.max(pipe.width, 1.2), inks.waterMid);
    if (pipe.width > 2.5 && !scene.calm)
      stroke(ctx, pipe.points, pipe.width * 0.4, inks.glint, [pipe.width * 0.8 + 3, 16], -60 * scene.time);
  }

  /** The free fall below a pipe's end. */
  function drawStream(ctx, lay, pipe, strength, scene, inks) {
    const box = lay.boxes.get(pipe.target);
    const surface = box.y + box.h - scene.levels.get(pipe.target) * lay.scale;
    const wide = Math.max(pipe.width * (0.35 + 0.5 * Math.sqrt(strength)), 1);
    const sway = scene.calm ? 0 : Math.sin(scene.time * 9 + pipe.x1) * 0.4;
    ctx.beginPath();
    ctx.moveTo(pipe.x1 - wide / 2, pipe.y1);
    ctx.quadraticCurveTo(pipe.x1 - wide * 0.32 + sway, (pipe.y1 + surface) / 2, pipe.x1 - wide * 0.3, surface);
    ctx.lineTo(pipe.x1 + wide * 0.3, surface);
    ctx.quadraticCurveTo(pipe.x1 + wide * 0.32 + sway, (pipe.y1 + surface) / 2, pipe.x1 + wide / 2, pipe.y1);
    ctx.fillStyle = inks.stream;
    ctx.fill();
  }

  function drawVessel(ctx, lay, box, scene, inks) {
    const { x, y, w, h } = box, level = scene.levels.get(box.name) * lay.scale, surface = y + h - level;
    const jug = scene.pouring.get(box.name) || 0;
    if (jug > 0) drawJug(ctx, lay, box, surface, jug, inks);
    if (level > 0.2) drawWater(ctx, box, surface, scene, inks);
    if (!box.cup) drawSill(ctx, lay, box, scene, inks);
    else drawScale(ctx, lay, box, scene, inks);
    drawWalls(ctx, lay, box, scene, inks);
    if (scene.spilling.has(box.name)) drawSpill(ctx, lay, box, inks);
    drawNotes(ctx, lay, box, scene, inks);
  }

  function drawJug(ctx, lay, box, surface, rate, inks) {
    const wide = Math.min(Math.max(1.4 * Math.sqrt(rate) * Math.min(lay.scale, 2.5), 1.5), 0.3 * box.w), x = box.x + box.w / 2;
    const fall = ctx.createLinearGradient(0, 0, 0, surface);
    fall.addColorStop(0, "transparent");
    fall.addColorStop(Math.min(18 / surface, 0.5), inks.stream);
    fall.addColorStop(1, inks.stream);
    ctx.fillStyle = fall;
    ctx.fillRect(x - wide / 2, 0, wide, surface);
  }

  function drawWater(ctx, box, surface, scene, inks) {
    const { x, y, w, h } = box, swell = scene.calm || !scene.moving.has(box.name) ? 0 : Math.min(1.3, w / 30);
    ctx.beginPath();
    ctx.moveTo(x, y + h);
    for (let s = 0; s <= 16; s++) ctx.lineTo(x + w * s / 16, surface + swell * Math.sin(s * 0.9 + scene.time * 7 + x));
    ctx.lineTo(x + w, y + h);
    ctx.closePath();
    const deep = ctx.createLinearGradient(0, surface, 0, y + h);
    deep.addColorStop(0, inks.waterLight);
    deep.addColorStop(1, inks.waterDark);
    ctx.fillStyle = deep;
    ctx.fill();
    ctx.fillStyle = inks.glint;
    ctx.fillRect(x, surface - 0.5 + swell * 0.3, w, 1);
    if (w > 26) ctx.fillRect(x + w * 0.08, surface + 3, Math.max(w * 0.035, 1.5), Math.max(y + h - surface - 7, 0));
  }

  function drawSill(ctx, lay, box, scene, inks) {
    const bucket = scene.design.tiers[box.row][box.column], sill = box.y + box.h - bucket.outlet.sill_mm * lay.scale;
    stroke(ctx, [[box.x, sill], [box.x + box.w, sill]], lay.scale > 1 ? 1.2 : 0.7, inks.sill, lay.scale > 1 ? [4, 3] : []);
    if (box.w > 26)
      for (const pipe of lay.pipes)
        if (pipe.source === box.name) {
          const r = Math.max(0.42 * pipe.width, 1.4), tall = bucket.outlet.height_mm * lay.scale;
          ctx.beginPath();
          if (bucket.outlet.kind === "weir") ctx.rect(pipe.points[0][0] - r, sill - tall, 2 * r, tall);
          else ctx.arc(pipe.points[0][0], sill - r, r, 0, 2 * Math.PI);
          ctx.fillStyle = inks.hole;
          ctx.fill();
        }
  }

  function drawScale(ctx, lay, box, scene, inks) {
    const cup = scene.design.cups[box.column], mlPerPx = cup.slab_areas_mm2[0] / 1000 / lay.scale;
    if (box.w < 30) return;
    const every = [1, 2, 5, 10, 20, 50, 100].find((ml) => ml / mlPerPx >= 7) || 200;
    ctx.fillStyle = ctx.strokeStyle = inks.scale;
    ctx.font = `9.5px ${inks.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    for (let ml = every, n = 1; ml / mlPerPx < box.h - 2; ml += every, n++) {
      const at = box.y + box.h - ml / mlPerPx, long = n % 2 === 0;
      ctx.fillRect(box.x, at - 0.5, long ? 9 : 5, 1);
      if (long && box.w > 46) ctx.fillText(String(ml), box.x + 12, at);
    }
    const ghost = scene.ghost && scene.ghost.get(box.name);
    if (ghost !== undefined && ghost !== null) {
      const at = box.y + box.h - ghost * lay.scale;
      stroke(ctx, [[box.x, at], [box.x + box.w, at]], 1.6, inks.ghost, [2, 3]);
      ctx.fillStyle = inks.ghost;
      ctx.beginPath();
      ctx.moveTo(box.x + box.w + lay.wall + 1, at);
      ctx.lineTo(box.x + box.w + lay.wall + 8, at - 4.5);
      ctx.lineTo(box.x + box.w + lay.wall + 8, at + 4.5);
      ctx.fill();
    }
  }

  function drawWalls(ctx, lay, box, scene, inks) {
    const { x, y, w, h } = box, t = lay.wall, r = Math.min(t * 1.6, 7), lip = t > 2 ? 2.2 : 0.4;
    const wall = (grow) => {
      ctx.beginPath();
      ctx.moveTo(x - t - lip - grow, y - grow);
      ctx.lineTo(x - t - grow, y + 4);
      ctx.lineTo(x - t - grow, y + h + t - r);
      ctx.quadraticCurveTo(x - t - grow, y + h + t + grow, x - t + r, y + h + t + grow);
      ctx.lineTo(x + w + t - r, y + h + t + grow);
      ctx.quadraticCurveTo(x + w + t + grow, y + h + t + grow, x + w + t + grow, y + h + t - r);
      ctx.lineTo(x + w + t + grow, y + 4);
      ctx.lineTo(x + w + t + lip + grow, y - grow);
      ctx.lineTo(x + w, y - grow);
      ctx.lineTo(x + w, y + h);
      ctx.lineTo(x, y + h);
      ctx.lineTo(x, y - grow);
      ctx.closePath();
    };
    const chosen = box.name === scene.selected, leads = box.name === scene.leader;
    wall(0);
    const glaze = ctx.createLinearGradient(x - t, 0, x + w + t, 0);
    glaze.addColorStop(0, inks.wallLight);
    glaze.addColorStop(0.5, inks.wall);
    glaze.addColorStop(1, inks.wallDark);
    ctx.fillStyle = leads ? inks.leader : glaze;
    ctx.fill();
    ctx.setLineDash([]);
    ctx.lineWidth = chosen ? 2 : t > 2 ? 1 : 0.5;
    ctx.strokeStyle = chosen ? inks.select : leads ? inks.leaderEdge : inks.wallEdge;
    ctx.stroke();
  }

  function drawSpill(ctx, lay, box, inks) {
    const t = lay.wall, wide = Math.max(0.8 * lay.scale, 1.5);
    ctx.fillStyle = inks.stream;
    ctx.fillRect(box.x - t - 2 - wide, box.y, wide, box.h + 24);
    ctx.fillRect(box.x + box.w + t + 2, box.y, wide, box.h + 24);
  }

  function label(ctx, text, x, y, inks, size, colour, weight) {
    ctx.font = `${weight || 400} ${size}px ${inks.font}`;
    ctx.lineWidth = 3;
    ctx.strokeStyle = inks.halo;
    ctx.setLineDash([]);
    ctx.strokeText(text, x, y);
    ctx.fillStyle = colour || inks.ink;
    ctx.fillText(text, x, y);
  }

  /** A name on at most two lines, none wider than this; cut short where it must be. */
  function broken(ctx, text, width) {
    const lines = [];
    for (const word of text.split(" ")) {
      const last = lines.length - 1;
      if (last >= 0 && ctx.measureText(`${lines[last]} ${word}`).width <= width) lines[last] += ` ${word}`;
      else lines.push(word);
    }
    return lines.slice(0, 2).map((line) => {
      let short = line;
      while (short.length > 2 && ctx.measureText(short).width > width) short = short.slice(0, -2).trimEnd() + "…";
      return short;
    });
  }

  function drawNotes(ctx, lay, box, scene, inks) {
    const { x, y, w, h } = box, middle = x + w / 2, ml = root.Text_.ml(scene.volumes.get(box.name));
    ctx.textAlign = "center";
    if (w < 22) return;
    ctx.textBaseline = "middle";
    const size = box.cup ? 13 : Math.min(14, Math.max(11, w / 4.2));
    if (!box.cup && h > 18) label(ctx, ml, middle, y + h - Math.min(h / 2, 12), inks, size, inks.ink, 650);
    const vessel = [...scene.design.tiers, scene.design.cups][box.row][box.column];
    ctx.font = `11.5px ${inks.font}`;
    if (box.row === 0) {
      const lines = broken(ctx, vessel.label, w + 22);
      ctx.textBaseline = "bottom";
      lines.forEach((line, i) => label(ctx, line, middle, y - 6 - 13 * (lines.length - 1 - i), inks, 11.5, inks.soft));
    } else if (box.cup) {
      ctx.textBaseline = "top";
      const leads = box.name === scene.leader, lines = broken(ctx, vessel.label, w + 26), top = y + h + lay.wall + 6;
      label(ctx, `${ml} mL`, middle, top, inks, size, inks.ink, 650); // below the cup, clear of its scale
      ctx.font = `${leads ? 700 : 500} 13px ${inks.font}`;
      lines.forEach((line, i) => label(ctx, line, middle, top + 17 + 14 * i, inks, w > 60 ? 13 : 11.5, leads ? inks.leaderText : inks.ink, leads ? 700 : 500));
      if (leads) label(ctx, root.Text_.leads, middle, top + 18 + 14 * lines.length, inks, 10.5, inks.leaderText, 600);
    } else if (h > 44) {
      ctx.textBaseline = "middle";
      label(ctx, box.name, middle, y + h - 28, inks, 10, inks.soft);
    }
  }

  root.View = { layout, hit, draw, drawStill };
})(typeof globalThis !== "undefined" ? globalThis : this);
