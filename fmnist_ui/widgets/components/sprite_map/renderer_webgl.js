// Draws all points by WebGL2: one gl.POINTS call, whose sprites are discs, and thumbnails where there is room.
import { FRAGMENT_SHADER, VERTEX_SHADER } from "./shaders.js";

// A point whose centre leaves the viewport is not drawn at all, so the viewport reaches so far beyond the canvas.
const PAD = 64; // CSS pixels

export class WebglRenderer {
  // Returns null where the browser has no WebGL2.
  static create(canvas) {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false });
    return gl && new WebglRenderer(gl);
  }

  constructor(gl) {
    this.kind = "webgl";
    this.gl = gl;
    this.count = 0;
    this.program = linkProgram(gl);
    this.uniforms = new Map();
    this.buffers = new Map();
    gl.useProgram(this.program);
    gl.bindVertexArray(gl.createVertexArray());
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform1i(this.uniform("sheet"), 0);
    gl.uniform1i(this.uniform("palette"), 1);
    gl.uniform1ui(this.uniform("columns"), 1);
    this.sheetTexture = makeTexture(gl, 0, gl.LINEAR_MIPMAP_NEAREST);
    this.paletteTexture = makeTexture(gl, 1, gl.NEAREST);
    this.largest = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE)[1];
  }

  uniform(name) {
    if (!this.uniforms.has(name)) this.uniforms.set(name, this.gl.getUniformLocation(this.program, name));
    return this.uniforms.get(name);
  }

  setLayouts(from, to) {
    this.upload("from_place", interleave(from), 3);
    this.upload("to_place", interleave(to), 3);
    this.upload("from_room", from.room, 1);
    this.upload("to_room", to.room, 1);
  }

  setPictures(pictures) {
    this.upload("picture", Uint32Array.from(pictures), 1);
  }

  setColours(colours) {
    this.upload("colour", colours, 1);
  }

  // faint: one byte a point, 1 for those that fade; null: none.
  setFaint(faint, count) {
    this.upload("faint", faint ?? new Uint8Array(count), 1);
  }

  // The order of drawing, so that what stands on top comes last.
  setOrder(order) {
    const { gl } = this;
    this.count = order.length;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffer("order"));
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
  }

  buffer(name) {
    if (!this.buffers.has(name)) this.buffers.set(name, this.gl.createBuffer());
    return this.buffers.get(name);
  }

  upload(name, values, size) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer(name));
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    if (values instanceof Float32Array) gl.vertexAttribPointer(place, size, gl.FLOAT, false, 0, 0);
    else {
      const type = values instanceof Uint32Array ? gl.UNSIGNED_INT : gl.UNSIGNED_BYTE;
      gl.vertexAttribIPointer(place, size, type, 0, 0);
    }
  }

  // shades: [red, green, blue, opacity] from 0 to 255, one a colour index.
  setShades(shades) {
    const { gl } = this;
    const pixels = new Uint8Array(256 * 4);
    shades.forEach((shade, i) => pixels.set(shade, 4 * i));
    gl.activeTexture(gl.TEXTURE1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  setSheet(sheet) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, 2);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, gl.RED, gl.UNSIGNED_BYTE, sheet.image);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.uniform1ui(this.uniform("columns"), sheet.columns);
    gl.uniform1f(this.uniform("side"), sheet.side);
    gl.uniform2f(this.uniform("texel_size"), 1 / sheet.image.width, 1 / sheet.image.height);
  }

  // frame: camera, points, ratio (device pixels a CSS pixel), sizes, theme, shown (0 to 1: how far the pictures have
  // faded in), skipped (so many points at the beginning of the order are left out).
  draw({ camera, points, ratio, shown, sizes, skipped, theme }) {
    const { gl } = this;
    const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    gl.viewport(-PAD * ratio, -PAD * ratio, width + 2 * PAD * ratio, height + 2 * PAD * ratio);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.count) return;
    gl.uniformMatrix4fv(this.uniform("camera"), false, camera.matrix(PAD));
    gl.uniform1f(this.uniform("morph"), points.motion.morph);
    gl.uniform1f(this.uniform("solid"), camera.now.solid);
    gl.uniform1f(this.uniform("largest"), this.largest - 2);
    gl.uniform3fv(this.uniform("background"), theme.backgroundColour.map((part) => part / 255));
    gl.uniform1f(this.uniform("scale"), camera.scale * ratio);
    gl.uniform1f(this.uniform("dot_size"), sizes.dot * ratio);
    gl.uniform1f(this.uniform("thumbnail_size"), sizes.thumbnail * ratio);
    gl.uniform1f(this.uniform("spread"), sizes.spread);
    gl.uniform1f(this.uniform("shown"), shown);
    gl.drawElements(gl.POINTS, this.count - skipped, gl.UNSIGNED_INT, 4 * skipped);
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function interleave({ x, y, z }) {
  const places = new Float32Array(3 * x.length);
  for (let i = 0; i < x.length; i += 1) {
    places[3 * i] = x[i];
    places[3 * i + 1] = y[i];
    places[3 * i + 2] = z[i];
  }
  return places;
}

function makeTexture(gl, unit, minifying) {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, minifying);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, minifying === gl.NEAREST ? gl.NEAREST : gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

function linkProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX_SHADER], [gl.FRAGMENT_SHADER, FRAGMENT_SHADER]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const shaders = gl.getAttachedShaders(program).map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`The map's shaders do not compile: ${[...shaders, gl.getProgramInfoLog(program)].join(" ")}`);
  }
  return program;
}
