/* The printable parts in 3D, assembled or exploded, with the water in them. Needs three.js as THREE. */
(function (root) {
  "use strict";

  const EXPLODE_MM = 45;

  /** base64 of gzip to bytes. */
  async function unpack(text) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  }

  /** Binary STL to a geometry, z up. */
  function fromStl(THREE, bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset), n = view.getUint32(80, true);
    const at = new Float32Array(9 * n);
    for (let f = 0; f < n; f++) for (let i = 0; i < 9; i++) at[9 * f + i] = view.getFloat32(84 + 50 * f + 12 + 4 * i, true);
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(at, 3));
    geometry.computeVertexNormals();
    return geometry;
  }

  /** Water up to a level: as wide as its vessel, as deep at every height as its free area says, against the front wall. */
  function waterIn(THREE, vessel, level) {
    const [w, d] = vessel.size_mm, tops = vessel.slab_tops_mm, depths = vessel.slab_areas_mm2.map((area) => Math.min(area / w, d));
    const n = tops.filter((z) => z < level).length, x = w / 2 - 0.1, front = d / 2 - 0.1;
    const at = (k) => (k === 0 ? Math.max(depths[0] - (depths[1] === undefined ? 0 : depths[1] - depths[0]) / 2, 0) : k < depths.length ? (depths[k - 1] + depths[k]) / 2 : depths[k - 1]);
    const sides = [[0, at(0)], ...tops.slice(0, n).map((z, k) => [z, at(k + 1)])];
    const last = sides[sides.length - 1], part = n < tops.length ? (level - last[0]) / (tops[n] - last[0]) : 0;
    sides.push([level, last[1] + part * ((n < tops.length ? at(n + 1) : last[1]) - last[1])]);
    const corners = [], quad = (a, b, c, e) => corners.push(...a, ...b, ...c, ...a, ...c, ...e);
    const back = ([z, deep], side) => [side * x, Math.max(front - deep, 0.1 - d / 2), z], fore = ([z], side) => [side * x, front, z];
    for (let k = 1; k < sides.length; k++) {
      const [low, high] = [sides[k - 1], sides[k]];
      quad(back(low, 1), back(low, -1), back(high, -1), back(high, 1));
      quad(fore(low, -1), fore(low, 1), fore(high, 1), fore(high, -1));
      quad(back(low, -1), fore(low, -1), fore(high, -1), back(high, -1));
      quad(fore(low, 1), back(low, 1), back(high, 1), fore(high, 1));
    }
    const top = sides[sides.length - 1];
    quad(back(top, -1), fore(top, -1), fore(top, 1), back(top, 1));
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(new Float32Array(corners), 3));
    geometry.computeVertexNormals();
    return geometry;
  }

  const bulk = (box) => (box.max.x - box.min.x) * (box.max.y - box.min.y) * (box.max.z - box.min.z);

  /** A stage on a canvas, looked at from the side along y that it is facing. Raises an error where there is no WebGL. */
  async function open(canvas, design, parts, calm, facing) {
    const { THREE } = root;
    const renderer = new THREE.WebGLRenderer({ canvas, antialias: true, alpha: true });
    const scene = new THREE.Scene(), camera = new THREE.PerspectiveCamera(32, 1, 1, 20000);
    camera.up.set(0, 0, 1);
    const controls = new THREE.OrbitControls(camera, canvas);
    controls.enableDamping = !calm;
    scene.add(new THREE.HemisphereLight(0xffffff, 0x9aa6b2, 1.6));
    for (const [x, y, z, force] of [[-300, -500, 700, 1.9], [400, 500, 500, 1.3]]) {
      const light = new THREE.DirectionalLight(0xffffff, force);
      light.position.set(x, y, z);
      scene.add(light);
    }
    const solids = [];
    for (const part of parts) {
      const geometry = fromStl(THREE, await unpack(part.stl));
      const colour = new THREE.MeshPhysicalMaterial({ color: part.colour, roughness: 0.38, clearcoat: 0.5, clearcoatRoughness: 0.3, flatShading: true, side: THREE.DoubleSide });
      const mesh = new THREE.Mesh(geometry, colour);
      mesh.name = part.name;
      mesh.position.set(...part.at_mm);
      geometry.computeBoundingBox();
      solids.push({ mesh, home: part.at_mm, box: new THREE.Box3().copy(geometry.boundingBox).translate(mesh.position), floor: geometry.boundingBox.min.z + part.at_mm[2] });
      scene.add(mesh);
    }
    const floors = [...new Set(solids.map((s) => Math.round(s.floor * 10)))].sort((a, b) => a - b);
    for (const solid of solids) solid.storey = floors.indexOf(Math.round(solid.floor * 10));
    const box = new THREE.Box3().setFromObject(scene), centre = box.getCenter(new THREE.Vector3()), size = box.getSize(new THREE.Vector3());

    const blue = new THREE.MeshStandardMaterial({ color: 0x2f8fd0, transparent: true, opacity: 0.78, roughness: 0.1, side: THREE.DoubleSide });
    const waters = new Map([...design.tiers, design.cups].flat().map((vessel) => {
      const mesh = new THREE.Mesh(new THREE.BufferGeometry(), blue);
      mesh.visible = false;
      scene.add(mesh);
      // water rises with the part that holds it: the smallest one round its floor
      const floor = new THREE.Vector3(vessel.at_mm[0], vessel.at_mm[1], vessel.at_mm[2] + 0.5);
      const around = solids.filter((s) => s.box.containsPoint(floor)).sort((a, b) => bulk(a.box) - bulk(b.box));
      return [vessel.name, { mesh, vessel, storey: around.length ? around[0].storey : 0 }];
    }));

    let apart = 0, goal = 0, wanted = true;
    let levels = new Map();
    const spread = () => {
      for (const s of solids) s.mesh.position.set(s.home[0], s.home[1], s.home[2] + EXPLODE_MM * apart * s.storey);
      for (const [name, { mesh, vessel, storey }] of waters) {
        const level = levels.get(name) || 0;
        mesh.visible = level > 0.05;
        if (mesh.visible && mesh.userData.level !== level) {
          mesh.geometry.dispose();
          mesh.geometry = waterIn(THREE, vessel, level);
          mesh.userData.level = level;
        }
        mesh.position.set(vessel.at_mm[0], vessel.at_mm[1], vessel.at_mm[2] + EXPLODE_MM * apart * storey);
      }
    };
    const corners = (height) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => new THREE.Vector3(
      i & 1 ? box.max.x : box.min.x, i & 2 ? box.max.y : box.min.y, box.min.z + (i & 4 ? height : 0)));
    const home = () => {
      const height = size.z + EXPLODE_MM * goal * (floors.length - 1);
      controls.target.set(centre.x, centre.y, box.min.z + height / 2);
      let far = 2 * Math.hypot(size.x, size.y, height);
      for (let n = 0; n < 4; n++) { // as near as the canvas holds all corners
        camera.position.set(centre.x + 0.48 * far, centre.y + facing * 0.78 * far, controls.target.z + 0.4 * far);
        camera.lookAt(controls.target);
        camera.updateMatrixWorld();
        const seen = corners(height).map((corner) => corner.project(camera));
        if (n < 3) far *= Math.max(...seen.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)])) / 0.92;
      }
      controls.update();
      wanted = true;
    };
    const resize = () => {
      const { clientWidth: w, clientHeight: h } = canvas;
      if (!w || !h) return;
      renderer.setPixelRatio(Math.min(root.devicePixelRatio || 1, 2));
      renderer.setSize(w, h, false);
      camera.aspect = w / h;
      camera.updateProjectionMatrix();
      wanted = true;
    };
    controls.addEventListener("change", () => { wanted = true; });
    resize();
    home();
    const eye = new THREE.Raycaster();

    return {
      resize: () => { resize(); home(); },
      home,
      explode(on) { goal = on ? 1 : 0; home(); },
      water(now) {
        levels = now;
        wanted = true;
      },
      glass(on) {
        for (const { mesh } of solids) Object.assign(mesh.material, { transparent: on, opacity: on ? 0.32 : 1, depthWrite: !on, needsUpdate: true });
        wanted = true;
      },
      frame() {
        if (apart !== goal) {
          apart = calm || Math.abs(goal - apart) < 0.02 ? goal : apart + (goal - apart) * 0.14;
          wanted = true;
        }
        controls.update();
        if (!wanted) return;
        spread();
        renderer.render(scene, camera);
        wanted = false;
      },
      nameAt(x, y) {
        eye.setFromCamera(new THREE.Vector2(x, y), camera);
        const found = eye.intersectObjects(solids.map((s) => s.mesh))[0];
        return found ? found.object.name : null;
      },
      triangles: solids.reduce((sum, s) => sum + s.mesh.geometry.attributes.position.count / 3, 0),
    };
  }

  root.Solid = { open, unpack };
})(typeof globalThis !== "undefined" ? globalThis : this);
