// What the page's 3D view uses of three.js, and nothing else.
export {
  BufferAttribute, BufferGeometry, BoxGeometry, Color, DirectionalLight, DoubleSide, Group, HemisphereLight,
  Mesh, MeshPhysicalMaterial, MeshStandardMaterial, PerspectiveCamera, Raycaster, Scene, Vector2, Vector3,
  WebGLRenderer, Box3,
} from "three";
export { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
