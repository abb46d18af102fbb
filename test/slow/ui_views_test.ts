// The page's views of results in a real browser: runs compared, panels, confusion matrices, models.
import assert from "node:assert/strict";
import { drawSheet } from "../../plugins/visualize/panels/sheet.ts";
import {
  browserTest,
  listenFor,
  seriousIssues,
  serveOnPort,
  visit,
  waitForCount,
} from "../support/browser.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";
import { serveRegistering } from "../ui/registering_project.ts";
import { serveProject, TOKEN } from "../ui/served_project.ts";

browserTest(
  "two runs are chosen in the list and compared, and the address leads there again",
  async () => {
    const steps = commandStep("say", "echo ${{ params.word }} > outputs/out/x");
    await using project = await Project.make({
      "workflow.yaml": `${workflowOf([steps])}params: { word: none }\n`,
    });
    await using served = await serveOnPort(project);
    for (const word of ["hello", "bye"]) {
      await project.cairn("run", "workflow.yaml", "--set", `word=${word}`);
    }
    await using visitor = await visit();
    const { page, complaints } = visitor;
    await page.goto(served.address);
    const boxes = page.getByRole("checkbox");
    await boxes.first().check();
    assert.equal(await page.getByRole("link", { name: /^Compare/ }).count(), 0, "one alone");
    await boxes.last().check();
    await page.getByRole("link", { name: "Compare 2 runs" }).click();
    await page.getByRole("heading", { name: "2 runs compared" }).waitFor();
    await page.getByRole("cell", { name: "bye", exact: true }).first().waitFor();
    await page.goto(`${served.address}/#${new URL(page.url()).pathname}`);
    await page.getByRole("heading", { name: "2 runs compared" }).waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await page.goto(`${served.address}/compare/none`);
    await page.getByText("Choose two to 6 different runs").waitFor();
    assert.deepEqual(complaints, []);
  },
);

const CURVES = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "curves", kind: "other", description: "draws curves", version: 1,
  config: z.strictObject({}), inputs: {}, outputs: {},
  async run({ metric }) {
    for (const at of [1, 2]) {
      metric("learning-rate", 0.001 / at, at);
      for (const name of ["road", "a/b", "水"]) metric("val-iou/" + name, at / 4, at);
    }
  },
});
`;

browserTest("curves of one group share a chart whose legend names its members", async () => {
  await using project = await Project.make({
    "curves.ts": CURVES,
    "workflow.yaml": "steps: { model: { uses: ./curves.ts } }\n",
  });
  await project.run();
  await using served = await serveOnPort(project);
  const [{ name: run } = { name: "" }] = [...Deno.readDirSync(project.path(".cairn/runs"))];
  for (const dark of [false, true]) {
    await using visitor = await visit({ dark });
    const { page, complaints } = visitor;
    await page.goto(`${served.address}/runs/${run}/steps/model`);
    const charts = page.locator(".charts figure");
    await waitForCount(page, ".charts figure", 2);
    assert.equal(await charts.last().locator(".subject").textContent(), "val-iou");
    const legend = await charts.last().locator(".key").allTextContents();
    assert.deepEqual(legend, ["road 0.5", "a/b 0.5", "水 0.5"]);
    assert.deepEqual(await seriousIssues(page), []);
    assert.deepEqual(complaints, []);
  }
});

/** A sheet of four pictures in red, green, blue and yellow. */
async function writeSheet(path: string): Promise<void> {
  const colors = [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]] as const;
  const edge = 64;
  const pictures = (["image", "truth", "prediction", "error"] as const).map((name, at) => ({
    name,
    edge,
    rgb: Uint8Array.from({ length: edge ** 2 * 3 }, (_, index) => colors[at]![index % 3]!),
  }));
  await Deno.writeFile(path, await drawSheet({ title: "Worst", pictures, classes: [] }, edge));
}

browserTest("two pictures of a panel are divided by keyboard and by hand", async () => {
  await using project = await Project.make();
  await using served = await serveOnPort(project);
  await writeSheet(project.path("sheet.png"));
  const draw = commandStep(
    "draw",
    `mkdir outputs/out/panels; cp ${project.path("sheet.png")} outputs/out/panels/worst_1_a.png`,
  );
  await project.write("workflow.yaml", workflowOf([draw.replace("out: text", "out: figures")]));
  await project.run();
  const [{ name: run } = { name: "" }] = [...Deno.readDirSync(project.path(".cairn/runs"))];
  await using visitor = await visit({ width: 360 });
  const { page, complaints } = visitor;
  await page.goto(`${served.address}/runs/${run}/steps/draw#out%2Fpanels%2Fworst_1_a.png`);
  const slider = page.getByRole("slider", { name: "Where the pictures meet" });
  await slider.waitFor();
  const colorAt = async (x: number): Promise<unknown> =>
    await page.evaluate(
      `[...document.querySelector("canvas").getContext("2d").getImageData(${x}, 9, 1, 1).data]`,
    );
  const [red, green, blue] = [[200, 0, 0, 255], [0, 200, 0, 255], [0, 0, 200, 255]];
  assert.deepEqual([await colorAt(10), await colorAt(50)], [green, blue], "truth | prediction");
  assert.deepEqual(await seriousIssues(page), []);
  await slider.press("Home");
  assert.deepEqual([await colorAt(10), await colorAt(50)], [blue, blue]);
  assert.match(await slider.getAttribute("aria-valuetext") ?? "", /truth on the left 0 %/);
  await page.getByRole("combobox", { name: "Left" }).selectOption("image");
  const box = await page.locator("canvas").boundingBox();
  assert.ok(box !== null);
  await page.mouse.click(box.x + box.width * 0.75, box.y + 20);
  assert.deepEqual([await colorAt(10), await colorAt(60)], [red, blue]);
  assert.deepEqual(complaints, []);
});

const SCORES = {
  format: "cairn-scores/1",
  classes: [{ name: "field" }, { name: "water" }],
  confusion: [[9, 1], [3, 1]],
  tiles: ["a", "b", "c"].map((name, at) => ({ name, accuracy: 0.5, meanIou: 0.9 - at / 10 })),
};
const TILES = {
  image: "png",
  tiles: [["a", 4, 1], ["b", 1, 4], ["c", 5, 0]].map(([name, ...histogram]) => ({
    name,
    histogram,
  })),
};

browserTest(
  "a cell of a confusion matrix opens the worst tiles that hold its true class",
  async () => {
    await using project = await Project.make({
      "tiles.json": JSON.stringify(TILES),
      "scores.json": JSON.stringify(SCORES),
    });
    await using served = await serveOnPort(project);
    await project.write(
      "workflow.yaml",
      workflowOf([
        commandStep("tiles", `cp ${project.path("tiles.json")} outputs/out/tiles.json`),
        commandStep("scores", `cp ${project.path("scores.json")} outputs/out/metrics.json`, {
          inputs: "tiles: tiles.out",
        }).replace("out: text", "out: scores"),
      ]),
    );
    await project.run();
    const [{ name: run } = { name: "" }] = [...Deno.readDirSync(project.path(".cairn/runs"))];
    await using visitor = await visit({ dark: true });
    const { page, complaints } = visitor;
    await page.goto(`${served.address}/runs/${run}/steps/scores`);
    await page.getByRole("button", { name: "3 pixels of water taken for field, 75.0 percent" })
      .press("Enter");
    await page.getByRole("heading", { name: "Worst tiles that hold water" }).waitFor();
    await waitForCount(page, ".worst span", 2);
    assert.deepEqual(await page.locator(".worst span").allTextContents(), ["b", "a"]);
    assert.deepEqual(await seriousIssues(page), []);
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "a run is deleted after one more question, and one that did not finish is retried",
  async () => {
    await using project = await serveProject(workflowOf([commandStep("bad", "exit 3")]));
    await using served = listenFor(project.handle);
    await project.project.run();
    await using visitor = await visit({ width: 360 });
    const { page, complaints } = visitor;
    await page.goto(`${served.address}/#token=${TOKEN}`);
    await page.locator(".run").click();
    await page.getByRole("link", { name: "Retry what did not finish…" }).click();
    await page.getByText("1 step of 1 will or may run").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Keep" }).press("Enter");
    await page.getByRole("button", { name: "Delete…" }).press("Enter");
    assert.deepEqual(await seriousIssues(page), []);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("No runs yet").waitFor();
    assert.deepEqual(project.project.files(".cairn/runs"), []);
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "runs are filtered, by the address, too, and those that are chosen deleted",
  async () => {
    await using project = await serveProject(
      `${workflowOf([commandStep("say", "echo ${{ params.word }} > outputs/out/x")])}
params: { word: hello }\n`,
    );
    await using served = listenFor(project.handle);
    await project.project.run();
    await project.project.run();
    await project.project.run("--set", "word=bye");
    await using visitor = await visit();
    const { page, complaints } = visitor;
    await page.goto(`${served.address}/#token=${TOKEN}`);
    await page.getByText("3 runs").waitFor();
    await page.getByRole("searchbox", { name: "Filter runs" }).fill("done program");
    await page.getByText("3 runs").waitFor();
    await page.getByRole("searchbox", { name: "Filter runs" }).fill("nothing like it");
    await page.getByText("No run fits the filter").waitFor();
    await page.reload();
    await page.getByText("No run fits the filter").waitFor();
    await page.getByRole("searchbox", { name: "Filter runs" }).fill("");
    await page.getByRole("checkbox").first().waitFor();
    for (const box of await page.getByRole("checkbox").all().then((all) => all.slice(1))) {
      await box.check();
    }
    await page.getByRole("button", { name: "Delete…" }).click();
    assert.deepEqual(await seriousIssues(page), []);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("1 run", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete…" }).waitFor({ state: "detached" });
    assert.equal([...Deno.readDirSync(project.project.path(".cairn/runs"))].length, 1);
    assert.deepEqual(complaints, []);
  },
);

browserTest("a model is followed back to its first step, and its alias is moved", async () => {
  await using project = await serveRegistering();
  await using served = listenFor(project.handle);
  for (const version of ["1", "2"]) {
    await project.project.cairn("run", "workflow.yaml", "--set", `version=${version}`);
  }
  await using visitor = await visit({ width: 360 });
  const { page, complaints } = visitor;
  await page.goto(`${served.address}/models#token=${TOKEN}`);
  const second = page.getByRole("article").filter({ hasText: "Version 2" });
  await second.getByText("candidate").waitFor();
  assert.deepEqual(await seriousIssues(page), []);
  await page.getByLabel("is").selectOption("version 1");
  await page.getByRole("button", { name: "Move" }).click();
  await page.getByText("“candidate” of landcover is now version 1").waitFor();
  await second.getByText("candidate").waitFor({ state: "detached" });
  await page.getByLabel("Alias").fill("latest");
  await page.getByRole("button", { name: "Move" }).click();
  await page.getByText("Reserved: choose another alias").waitFor();
  await second.getByRole("link", { name: "tiles" }).click();
  await page.getByRole("heading", { name: "tiles", exact: true }).waitFor();
  assert.deepEqual(complaints, []);
});
