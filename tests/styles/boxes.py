"""Style "boxes": a stair of plain boxes, for networks whose vessels have one source each."""

from dataclasses import dataclass

import numpy as np

from porcelain.errors import Finding
from porcelain.geometry import solids
from porcelain.geometry.extrude import box
from porcelain.hydraulics import weir
from porcelain.machine.assembly import Part
from porcelain.machine.layouts import Layout
from porcelain.machine.vessel import CLEAR_MM, Bucket, Cup, Outlet, Pipe
from porcelain.styles import Style, View, register
from porcelain.styles.requirements import Placed
from porcelain.units import MM3_PER_ML

FLOOR_MM, GAP_MM, DEEP_MM, INPUT_MM, HEAD_MM = 2.0, 8.0, 30.0, 90.0, 5.0


@dataclass(frozen=True)
class Boxes(Layout):
    """Row k begins at y = edge_mm(k); every wall is wall_mm thick."""

    wall_mm: float
    width_mm: float
    style = "boxes"

    def edge_mm(self, row):
        return self.wall_mm + row * (DEEP_MM + self.wall_mm)

    def part_boxes_mm(self, machine):
        top = max(float(b.at_mm[2]) + b.rim_mm for b in machine.tiers[0])
        return {"body": np.array([[0.0, 0.0, 0.0], [self.width_mm, self.edge_mm(len(machine.tiers) + 1), top]])}


class BoxesStyle(Style):
    """The cells of a row divide the width of the cell above them: the walls between them cut its sill."""

    name, title, view = "boxes", "a stair of boxes", View(215.0, 32.0, 1)

    def share_floor(self, printer):
        return printer.min_bore_mm / INPUT_MM

    def precheck(self, network, printer):
        most = max(int((layer.shares > 0).sum(axis=0).max()) for layer in network.layers)
        return [Finding("sources of a vessel", network.name, str(most), "1", "train a tree")] if most > 1 else []

    def layout(self, requirements, options):
        network, wall, scale = requirements.network, requirements.printer.min_wall_mm, requirements.ml_per_unit
        rows = [[(wall + i * (INPUT_MM + wall), INPUT_MM) for i in range(network.widths[0])]]  # left end and width
        for layer in network.layers:
            cells = {}
            for (left, width), shares in zip(rows[-1], layer.shares, strict=True):
                for j in np.flatnonzero(shares):
                    cells[j] = left, round(float(shares[j] * (width - wall * (np.count_nonzero(shares) - 1))), 2)
                    left += cells[j][1] + wall
            rows.append([cells[j] for j in range(layer.n_out)])
        body, last = Boxes(wall, round(wall + network.widths[0] * (INPUT_MM + wall), 2)), len(network.layers)
        names = [[f"c{i}" if k == last else f"b{k}.{i}" for i in range(n)] for k, n in enumerate(network.widths)]

        def vessel(kind, k, i, label, floor, tall, *outlet):
            (left, width), y = rows[k][i], body.edge_mm(k) + DEEP_MM / 2
            at, plan = np.array([left + width / 2, y, floor]), (width, DEEP_MM)
            return kind(names[k][i], label, at, plan, np.array([tall]), np.array([width * DEEP_MM]), *outlet)

        most = max(v / w for v, (_, w) in zip(requirements.cups_ml, rows[-1], strict=True)) * MM3_PER_ML / DEEP_MM
        tall = round(most + GAP_MM, 1)
        cups = [vessel(Cup, last, j, label, FLOOR_MM, tall) for j, label in enumerate(network.class_names)]
        rim, tiers, pipes = FLOOR_MM + tall, [], []
        for k, layer in reversed(list(enumerate(network.layers))):
            keeps = (layer.thresholds * scale * MM3_PER_ML / [w * DEEP_MM for _, w in rows[k]]).round(2)
            sill, tier = round(rim + GAP_MM + keeps.max(), 2), []
            rate, narrow = requirements.pour_ml_s * network.widths[0], min(w for _, w in rows[k + 1])
            high = round(max(float(weir.head_mm(rate, narrow, requirements.discharge)), HEAD_MM) + CLEAR_MM, 1)
            for i, shares in enumerate(layer.shares):
                below = {j: rows[k + 1][j] for j in np.flatnonzero(shares)}
                free = round(sum(width for _, width in below.values()), 2)
                outlet = Outlet("weir", float(keeps[i]), requirements.discharge, free, high)
                label = names[k][i] if k else network.encoding.names[i]
                tier.append(vessel(Bucket, k, i, label, sill - keeps[i], keeps[i] + high, outlet))
                for j, (left, width) in below.items():
                    x, y = left + width / 2, body.edge_mm(k + 1)
                    way, ends = np.array([[x, y, sill], [x, y + DEEP_MM / 4, rim]]), (names[k][i], names[k + 1][j])
                    pipes.append(Pipe(f"p{k}.{i}-{j}", *ends, float(shares[j]), width * high, way))
            tiers.insert(0, tuple(tier))
            rim = sill + high
        return Placed(tuple(tiers), tuple(pipes), tuple(cups), body)

    def solids(self, design):
        body, hollows, top = design.layout, [], float(design.tiers[0][0].at_mm[2]) + design.tiers[0][0].rim_mm
        made = [box([0.0, 0.0, 0.0], [body.width_mm, body.wall_mm, top])]
        for k, row in enumerate(design.rows):
            near, far, rim = body.edge_mm(k), body.edge_mm(k + 1), float(row[0].at_mm[2]) + row[0].rim_mm
            front = rim - row[0].outlet.height_mm if k < len(design.tiers) else rim
            made.append(box([0.0, near, 0.0], [body.width_mm, far, front]))
            for low, high in (v.at_mm + [[-v.size_mm[0] / 2], [v.size_mm[0] / 2]] * np.eye(3)[0] for v in row):
                hollows.append(box([low[0], near, low[2]], [high[0], far - body.wall_mm, top + 1.0]))
                ends = low[0] - body.wall_mm, high[0]
                made += [box([x, near, 0.0], [x + body.wall_mm, far, top]) for x in ends]
            top = rim
        return {"body": solids.cut(solids.union(made), hollows)}

    def parts(self, design):
        mesh = solids.to_mesh(self.solids(design)["body"], "body")
        return [Part("body", *mesh, np.zeros(3), channels=tuple(pipe.name for pipe in design.pipes))]


register(BoxesStyle())
