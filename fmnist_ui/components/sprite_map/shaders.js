import { CORNER_PART, DOT_OPACITY, EDGE_PART, GROUND_LIGHT, PICTURE_PART } from "./tile.js";

export const VERTEX_SHADER = `#version 300 es
in vec2 from_place;
in vec2 to_place;
in float from_room;
in float to_room;
in uint picture;
in uint colour;
uniform mat4 camera;
uniform float morph;
uniform float scale;
uniform float dot_size;
uniform float thumbnail_size;
uniform float spread;
uniform float shown; // 0 to 1: how far the pictures have faded in
uniform uint columns;
uniform float side;
uniform sampler2D palette;
flat out float detail;
flat out float size;
flat out vec2 tile;
flat out vec4 tint;

void main() {
  tint = texelFetch(palette, ivec2(colour, 0), 0);
  float room = mix(from_room, to_room, morph) * scale / (thumbnail_size * spread);
  detail = smoothstep(0.92, 1.0, room) * shown * step(0.5, tint.a);
  size = mix(dot_size, thumbnail_size, detail);
  tile = vec2(picture % columns, picture / columns) * side;
  gl_Position = camera * vec4(mix(from_place, to_place, morph), 0.0, 1.0);
  gl_PointSize = size + 2.0;
}`;

// Magnified texels stay square, with edges blended over one screen pixel. Minified ones come from the half or the
// quarter sheet: 28 is 4 * 7, so up to there no texel mixes two tiles.
export const FRAGMENT_SHADER = `#version 300 es
precision highp float;
const float CORNER_PART = ${CORNER_PART.toFixed(4)};
const float DOT_OPACITY = ${DOT_OPACITY.toFixed(4)};
const float EDGE_PART = ${EDGE_PART.toFixed(4)};
const float GROUND_LIGHT = ${GROUND_LIGHT.toFixed(4)};
const float PICTURE_PART = ${PICTURE_PART.toFixed(4)};
uniform sampler2D sheet;
uniform float side;
flat in float detail;
flat in float size;
flat in vec2 tile;
flat in vec4 tint;
out vec4 fragment;

float light_at(vec2 place) {
  float magnified = size * PICTURE_PART / side;
  float level = clamp(floor(0.5 - log2(magnified)), 0.0, 2.0);
  float half_texel = 0.5 * exp2(level);
  vec2 texel = place * side;
  if (magnified > 1.0) {
    vec2 offset = fract(texel) - 0.5;
    float flat_part = 0.5 - 0.5 / magnified;
    texel = floor(texel) + 0.5 + (offset - clamp(offset, -flat_part, flat_part)) * magnified;
  }
  texel = clamp(texel, half_texel, side - half_texel);
  return textureLod(sheet, (tile + texel) / vec2(textureSize(sheet, 0)), level).r;
}

void main() {
  vec2 place = (gl_PointCoord - 0.5) * (size + 2.0);
  float corner = size * mix(0.5, CORNER_PART, detail);
  vec2 beyond = abs(place) - (0.5 * size - corner);
  float outside = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - corner;
  float cover = clamp(0.5 - outside, 0.0, 1.0);
  if (cover == 0.0) discard;
  vec3 colour = tint.rgb;
  if (detail > 0.0) {
    vec2 within = place / (size * PICTURE_PART);
    float clear = min(1.0, 2.0 * detail); // a tile that still grows already shows its picture
    float light = max(abs(within.x), abs(within.y)) < 0.5 ? light_at(within + 0.5) * clear : 0.0;
    vec3 ground = tint.rgb * mix(1.0, GROUND_LIGHT, clear);
    colour = 1.0 - (1.0 - ground) * (1.0 - light);
    float edge = max(1.0, size * EDGE_PART);
    colour = mix(colour, tint.rgb, clamp(0.5 + outside + edge, 0.0, 1.0));
  }
  float opacity = cover * tint.a * mix(DOT_OPACITY, 1.0, detail);
  fragment = vec4(colour * opacity, opacity);
}`;
