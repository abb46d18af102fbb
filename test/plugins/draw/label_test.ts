// Text in drawings.
import assert from "node:assert/strict";
import sharp from "sharp";
import { fitLabel, labelWidth, strokeLabel, textLabel } from "../../../plugins/draw/label.ts";
import { box, renderPng, svgDocument } from "../../../plugins/draw/svg.ts";

Deno.test("stroked text leaves ink without any font", async () => {
  const svg = svgDocument({ width: 60, height: 20 }, [
    box({ x: 0, y: 0, width: 60, height: 20 }, "#ffffff"),
    strokeLabel({ text: "Łąka 7", x: 4, y: 15, size: 14, color: "#000000" }),
  ]);
  assert.ok(!svg.includes("<text"));
  const { channels } = await sharp(await renderPng(svg, 1)).stats();
  assert.ok(channels[0] !== undefined && channels[0].min < 60 && channels[0].mean < 250);
});

Deno.test("accented letters are as wide as their base letters", () => {
  assert.equal(labelWidth("źdźbło", 10), labelWidth("zdzblo", 10));
});

Deno.test("a long text is cut to the width with an ellipsis", () => {
  const cut = fitLabel("agricultural land", 12, 60);
  assert.match(cut, /^agri.*…$/);
  assert.ok(labelWidth(cut, 12) <= 60);
  assert.equal(fitLabel("road", 12, 60), "road");
});

Deno.test("markup in a text stays text", () => {
  const label = { text: '<b>"&\u0001', x: 0, y: 0, size: 10, color: "#000000" };
  assert.match(textLabel(label), /&lt;b&gt;&quot;&amp;�<\/text>$/);
});
