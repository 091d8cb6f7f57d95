"""An independent answer: scipy's general solver on the same design, restarted at every outlet that starts or stops.

It shares no code with the simulator; it knows the vessels' volume-level tables and Torricelli's law only.
"""

import numpy as np
from scipy.integrate import solve_ivp

GRAVITY_MM_S2 = 9806.65


class Referee:
    def __init__(self, design, pour, flow_ml_s=None):
        self.design, self.pour = design, pour
        self.index = {v.name: k for k, v in enumerate(design.vessels)}
        self.flow = flow_ml_s or self.torricelli

    def torricelli(self, bucket, pipe, head_mm):
        return bucket.outlet.discharge * pipe.area_mm2 * np.sqrt(2 * GRAVITY_MM_S2 * head_mm) / 1000.0

    def rates(self, t, v, side):
        """dV/dt; ``side`` +1 or -1 of a break in the pouring."""
        dv = np.zeros_like(v)
        for piece in self.pour.pieces:
            inside = piece.start_s <= t < piece.end_s if side > 0 else piece.start_s < t <= piece.end_s
            if piece.duration_s and inside:
                done = (t - piece.start_s) / piece.duration_s
                mean = piece.volume_ml / piece.duration_s
                dv[self.index[piece.bucket]] += mean * (1 + piece.rise * (2 * done - 1))
        for k, bucket in enumerate(self.design.buckets):
            head = float(bucket.level_mm(v[k])) - bucket.outlet.sill_mm
            if v[k] > bucket.threshold_ml and head > 0:
                for pipe in self.design.branches(bucket.name):
                    q = self.flow(bucket, pipe, head)
                    dv[k] -= q
                    dv[self.index[pipe.target]] += q
        return dv

    def follow(self, times_s, rtol=1e-12, method="DOP853"):
        """(T, V) volumes and the crossings of the sills [(t, bucket, direction)]."""
        marks = sorted({0.0, *self.pour.breaks_s, *map(float, times_s)})
        marks = [m for m in marks if m <= times_s[-1]]
        v = np.zeros(len(self.design.vessels))
        rows, crossings = [], []
        sills = np.array([b.threshold_ml for b in self.design.buckets])
        slabs = [(k, float(b.volume_ml(z))) for k, b in enumerate(self.design.buckets) for z in b.slab_tops_mm[:-1]]
        for a, b in zip(marks, [*marks[1:], None], strict=True):
            for piece in self.pour.pieces:
                if piece.duration_s == 0 and piece.start_s == a:
                    v[self.index[piece.bucket]] += piece.volume_ml
            if a in times_s:
                rows.append(v.copy())
            if b is None:
                break
            t = a
            while t < b:
                edges = sorted({*slabs, *enumerate(sills)})
                events = []
                for k, level in edges:
                    sign = np.sign(v[k] - level)
                    if sign == 0:
                        continue

                    def event(_, y, k=k, level=level):
                        return y[k] - level

                    event.terminal, event.direction, event.at = True, -sign, (k, level)
                    events.append(event)
                sol = solve_ivp(
                    lambda s, y, mid=0.5 * (t + b): self.rates(s, y, 1 if s < mid else -1),
                    (t, b),
                    v,
                    method=method,
                    rtol=rtol,
                    atol=1e-13,
                    events=events,
                    first_step=min(1e-7, b - t),
                )
                v, t = sol.y[:, -1], sol.t[-1]
                for event, when in zip(events, sol.t_events or [], strict=True):
                    if len(when):
                        k, level = event.at
                        up = event.direction > 0
                        v[k] = np.nextafter(level, np.inf if up else -np.inf) if up else level
                        if level == sills[k]:
                            crossings.append((float(when[0]), self.design.buckets[k].name, "starts" if up else "stops"))
                        if not up and level == sills[k]:
                            v[k] = level
        return np.array(rows), crossings
