import { FOG_END, FOG_MOST, FOG_START, NEAREST_DEPTH } from "./camera.js";
import { CORNER_PART, DIM_COLOUR, DIM_OPACITY, DOT_OPACITY, EDGE_PART, GROUND_LIGHT, PICTURE_PART } from "./tile.js";

export const VERTEX_SHADER = `#version 300 es
in vec3 from_place;
in vec3 to_place;
in float from_room;
in float to_room;
in uint picture;
in uint colour;
in uint faint;
uniform mat4 camera;
uniform float morph;
uniform float scale;
uniform float solid; // 0 to 1: how much perspective and fog there is
uniform float dot_size;
uniform float thumbnail_size;
uniform float largest;
uniform float spread;
uniform float shown; // 0 to 1: how far the pictures have faded in
uniform uint columns;
uniform float side;
uniform sampler2D palette;
uniform vec3 background;
const float CORNER_PART = ${CORNER_PART.toFixed(4)};
const float DOT_OPACITY = ${DOT_OPACITY.toFixed(4)};
const float EDGE_PART = ${EDGE_PART.toFixed(4)};
const float GROUND_LIGHT = ${GROUND_LIGHT.toFixed(4)};
const float PICTURE_PART = ${PICTURE_PART.toFixed(4)};
flat out float detail;
flat out vec4 shape; // side of the square, half of it without the rounded corner, the corner, the edge: pixels
flat out vec4 scan; // the tile's middle, texels a pixel, level of the sheet
flat out vec3 ground;
flat out vec4 tint;
flat out float fog;

void main() {
  gl_Position = camera * vec4(mix(from_place, to_place, morph), 1.0);
  float depth = gl_Position.w;
  tint = texelFetch(palette, ivec2(colour, 0), 0);
  if (faint > 0u) tint.a = min(tint.a, ${DIM_OPACITY.toFixed(4)});
  if (tint.a < 0.5) tint.rgb = mix(background, tint.rgb, ${DIM_COLOUR.toFixed(4)});
  float room = mix(from_room, to_room, morph) * scale / (thumbnail_size * spread);
  detail = smoothstep(0.92, 1.0, room) * shown * step(0.5, tint.a);
  float size = min(mix(dot_size, thumbnail_size, detail) / depth, largest);
  fog = solid * ${FOG_MOST.toFixed(4)} * smoothstep(${FOG_START.toFixed(4)}, ${FOG_END.toFixed(4)}, depth);
  gl_PointSize = size + 1.0;
  float corner = size * mix(0.5, CORNER_PART, detail);
  shape = vec4(size + 1.0, 0.5 * size - corner, corner, max(1.0, size * EDGE_PART));
  float texels = side / (size * PICTURE_PART);
  scan = vec4((vec2(picture % columns, picture / columns) + 0.5) * side, texels, clamp(floor(0.5 + log2(texels)), 0.0, 2.0));
  float clear = min(1.0, 2.0 * detail); // a tile that still grows already shows its picture
  ground = tint.rgb * mix(1.0, GROUND_LIGHT, clear);
  tint.a *= mix(DOT_OPACITY, 1.0, detail);
  if (depth < ${NEAREST_DEPTH.toFixed(4)}) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

// Magnified texels stay square, with edges blended over one screen pixel. Minified ones come from the half or the
// quarter sheet: 28 is 4 * 7, so up to there no texel mixes two tiles. All that is the same for a whole sprite comes
// from the vertex shader, and there is no discard: without a graphics chip each operation here counts.
export const FRAGMENT_SHADER = `#version 300 es
precision highp float;
uniform sampler2D sheet;
uniform vec2 texel_size; // of the sheet, whose whole is 1
uniform float side;
uniform vec3 background;
flat in float detail;
flat in vec4 shape;
flat in vec4 scan;
flat in vec3 ground;
flat in vec4 tint;
flat in float fog;
out vec4 fragment;

// place: pixels from the middle of the sprite.
float light_at(vec2 place) {
  vec2 texel = place * scan.z;
  float edge = 0.5 * side - 0.5 * exp2(scan.w);
  if (scan.z < 1.0) {
    vec2 corner = floor(texel + 0.5 * side) + 0.5 - 0.5 * side;
    vec2 offset = texel - corner;
    float flat_part = 0.5 - 0.5 * scan.z;
    texel = corner + (offset - clamp(offset, -flat_part, flat_part)) / scan.z;
  }
  return textureLod(sheet, (scan.xy + clamp(texel, -edge, edge)) * texel_size, scan.w).r;
}

void main() {
  vec2 place = (gl_PointCoord - 0.5) * shape.x;
  vec2 beyond = abs(place) - shape.y;
  float outside = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - shape.z;
  vec3 colour = tint.rgb;
  if (detail > 0.0) {
    vec2 within = abs(place) * scan.z;
    float light = max(within.x, within.y) < 0.5 * side ? light_at(place) * min(1.0, 2.0 * detail) : 0.0;
    colour = mix(ground + light * (1.0 - ground), tint.rgb, clamp(0.5 + outside + shape.w, 0.0, 1.0));
  }
  float opacity = clamp(0.5 - outside, 0.0, 1.0) * tint.a;
  fragment = vec4(mix(colour, background, fog) * opacity, opacity);
}`;
