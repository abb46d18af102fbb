// The page as somebody uses it for the quickstart: started there, watched from waiting to done, looked at
// closely, started anew from a step. The real program in front of a real browser.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { fromFileUrl } from "../architecture/root.ts";
import { browserTest, seriousIssues, visit, waitForCount } from "../support/browser.ts";
import { Project } from "../support/rig.ts";

const QUICKSTART = fromFileUrl(new URL("../../workflows/quickstart.yaml", import.meta.url));
const SMALL = { images: "6", size: "256", epochs: "3", base: "2" };

/** Serves a project with `cairn ui`; disposing ends it. */
async function serveProgram(project: Project): Promise<AsyncDisposable & { address: string }> {
  const child = project.spawn("ui");
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) text += (await reader.read()).value ?? assert.fail("no address");
  const address = /Open (http:\S+)/.exec(text)?.[1] ?? assert.fail(text);
  return {
    address,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      await Promise.all([child.status, reader.cancel(), child.stderr.cancel()]);
    },
  };
}

async function startSmall(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Or start one here…" }).click();
  await page.getByRole("link", { name: "quickstart.yaml" }).click();
  for (const [name, value] of Object.entries(SMALL)) {
    await page.getByRole("spinbutton", { name }).fill(value);
  }
  await page.getByText("6 steps of 6 will or may run").waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
}

browserTest("a quickstart is started on the page and watched from waiting to done", async () => {
  await using project = await Project.make({
    "quickstart.yaml": await Deno.readTextFile(QUICKSTART),
  });
  await using served = await serveProgram(project);
  await using visitor = await visit();
  const { page, complaints } = visitor;
  await page.goto(served.address);
  await startSmall(page);
  await page.locator(".card.running").first().waitFor();
  assert.ok(await page.locator(".card.waiting").count() > 0);
  await page.locator(".strip", { hasText: "CPU" }).waitFor();
  assert.deepEqual(await seriousIssues(page), []);
  await page.locator(".steps").getByText("model", { exact: true }).click();
  // Its charts are there while it trains.
  await page.locator("h1 + .badge.running").waitFor();
  await page.locator(".charts figure", { hasText: "images-per-second" }).waitFor();
  const classes = page.locator(".charts figure", { hasText: "val-iou" });
  await classes.getByText("woodland").waitFor();
  await classes.getByText("water").waitFor();
  await page.locator(".log").getByText("Epoch 1/3").waitFor();
  await page.locator("h1 + .badge.ran").waitFor();
  await page.goBack();
  await page.locator("h1 + .badge.done").waitFor();
  await waitForCount(page, ".card.ran", 6);
  await page.getByText("on the page)").waitFor();
  await lookAtPhotos(page);
  await lookAtPanel(page);
  await runAnewFromScores(page);
  assert.deepEqual(complaints, []);
});

async function lookAtPhotos(page: Page): Promise<void> {
  await page.locator(".steps").getByText("photos", { exact: true }).click();
  const raster = page.locator(".raster");
  await raster.getByText("EPSG:2180").waitFor();
  await raster.getByText("South – north").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "download all as zip" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "photos-images.zip");
  assert.equal((await Deno.readFile(await download.path())).subarray(0, 2).join(), "80,75");
  assert.deepEqual(await seriousIssues(page), []);
  await page.goBack();
}

async function lookAtPanel(page: Page): Promise<void> {
  await page.locator(".steps").getByText("pictures", { exact: true }).click();
  await page.locator(".gallery .panel").first().click();
  await page.getByRole("slider", { name: "Where the pictures meet" }).press("End"); // all of it truth
  const canvas = "document.querySelector('.divided canvas')";
  const sum = async (): Promise<unknown> =>
    await page.evaluate(
      `${canvas}.getContext("2d").getImageData(0, 0, 300, 300).data.reduce((a, b) => a + b, 0)`,
    );
  const colored = await sum();
  await page.getByRole("slider", { name: "Opacity of All classes" }).press("Home");
  const bare = await sum();
  assert.notEqual(bare, colored);
  await page.getByRole("combobox", { name: "Left" }).selectOption("image");
  assert.equal(await sum(), bare, "without its colours the truth is the image");
  assert.deepEqual(await seriousIssues(page), []);
  await page.goBack();
}

async function runAnewFromScores(page: Page): Promise<void> {
  await page.locator(".steps").getByText("scores", { exact: true }).click();
  await page.getByRole("link", { name: "Run from here…" }).click();
  await page.getByText("3 steps of 6 will or may run").waitFor();
  assert.equal(await page.getByRole("spinbutton", { name: "epochs" }).inputValue(), SMALL.epochs);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.locator("h1 + .badge.done").waitFor();
  await waitForCount(page, ".card.reused", 3);
  await waitForCount(page, ".card.ran", 3);
  await page.locator(".steps").getByText("scores", { exact: true }).click();
  await page.locator(".lead", { hasText: "Ran, because it was asked to run again" }).waitFor();
}
