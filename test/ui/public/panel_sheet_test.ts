// The page cuts a panel's sheet where `visualize` put the pictures.
import assert from "node:assert/strict";
import sharp from "sharp";
import { drawSheet } from "../../../plugins/visualize/panels/sheet.ts";
import { cutSheet, PICTURES } from "../../../ui/public/panel/panel_sheet.js";

const EDGE = 96;
const COLORS = [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]] as const;

async function sheetOf(classes: number): Promise<Uint8Array> {
  const names = ["image", "truth", "prediction", "error"] as const;
  const pictures = names.map((name, at) => {
    const rgb = new Uint8Array(EDGE ** 2 * 3);
    for (let pixel = 0; pixel < EDGE ** 2; pixel++) rgb.set(COLORS[at]!, pixel * 3);
    return { name, edge: EDGE, rgb };
  });
  const legend = Array.from({ length: classes }, (_, at) => ({
    name: `class with a long name ${at}`,
    color: "#123456",
  }));
  return await drawSheet({ title: "Worst 1", pictures, classes: legend }, EDGE);
}

Deno.test("every picture is cut out whole and nothing else, however long the legend", async () => {
  for (const classes of [1, 12]) {
    const { data, info } = await sharp(await sheetOf(classes)).removeAlpha().raw()
      .toBuffer({ resolveWithObject: true });
    const cuts = cutSheet(info.width, info.height);
    assert.ok(cuts !== undefined);
    assert.equal(cuts.edge, EDGE);
    const pixel = (x: number, y: number): readonly number[] => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ];
    cuts.lefts.forEach((left, at) => {
      const far = EDGE - 1;
      for (const [x, y] of [[0, 0], [far, 0], [0, far], [far, far]] as const) {
        assert.deepEqual(pixel(left + x, cuts.top + y), [...COLORS[at]!], PICTURES[at] ?? "");
      }
      for (const [x, y] of [[-1, 0], [EDGE, 0], [0, -1], [0, EDGE]] as const) {
        assert.notDeepEqual(pixel(left + x, cuts.top + y), [...COLORS[at]!], PICTURES[at] ?? "");
      }
    });
  }
});

Deno.test("a picture of other measures is not cut", () => {
  assert.equal(cutSheet(101, 400), undefined);
  assert.equal(cutSheet(470, 100), undefined);
  assert.equal(cutSheet(0, 0), undefined);
});
