// How quick the page is in a real browser: large graphs, the size of its shell, its first paint. Times are
// printed to be read, for they are too unsteady to assert; sizes and jumps are not.
import assert from "node:assert/strict";
import type { Event } from "../../engine/events/event.ts";
import { Journal } from "../../engine/events/files/journal.ts";
import { browserTest, serveOnPort, visit } from "../support/browser.ts";
import { Project } from "../support/rig.ts";

const LARGEST_SHELL_BYTES = 300_000;

/** Writes the journal of a run of so many steps, as if it had happened. */
async function pretendRun(project: Project, count: number): Promise<string> {
  const run = "20260101-000000000-aaaa";
  await Deno.mkdir(project.path(`.cairn/runs/${run}/logs`), { recursive: true });
  const steps = Array.from({ length: count }, (_, at) => ({
    name: `step_${at}`,
    plugin: "command",
    kind: "other",
    dependsOn: at === 0 ? [] : [`step_${Math.floor(at / 5)}`],
  }));
  const timeMs = Date.UTC(2026, 0, 1);
  using journal = new Journal(project.path(`.cairn/runs/${run}/journal.ndjson`));
  const begin = { type: "run-started", run, workflow: "large", file: "large.yaml" } as const;
  journal.append({ ...begin, steps, timeMs });
  steps.forEach(({ name }, at) => {
    const event = at % 7 === 0
      ? { type: "step-skipped", step: name, because: "step_0" } as const
      : { type: "step-reused", step: name, fingerprint: "f", madeBy: "r", savedMs: 5 } as const;
    journal.append({ ...event, timeMs: timeMs + at } satisfies Event);
  });
  const outcome = "done" as const;
  journal.append({ type: "run-finished", outcome, durationMs: count, timeMs: timeMs + count });
  return run;
}

browserTest("ten thousand steps open, and stay in hand while they are moved", async () => {
  await using project = await Project.make();
  const run = await pretendRun(project, 10_000);
  await using served = await serveOnPort(project);
  await using visitor = await visit();
  const { page, complaints } = visitor;
  const startedAt = performance.now();
  await page.goto(`${served.address}/runs/${run}`);
  await page.locator(".graph .block.reused").waitFor({ state: "attached" });
  const openedMs = performance.now() - startedAt;
  await page.locator(".graph").focus();
  const movedAt = performance.now();
  for (let turn = 0; turn < 20; turn++) await page.keyboard.press("+");
  await page.locator(".graph .card").first().waitFor({ state: "attached" });
  const moveMs = (performance.now() - movedAt) / 20;
  const cards = await page.locator(".graph .card").count();
  assert.ok(cards > 0 && cards < 400, `${cards} cards are drawn near by`);
  // deno-lint-ignore no-console -- figures to read, too unsteady to assert
  console.log(
    `10000 steps: open in ${openedMs.toFixed(0)} ms, a move takes ${moveMs.toFixed(0)} ms`,
  );
  assert.deepEqual(complaints, []);
});

browserTest("the shell is small, painted early, and does not jump", async () => {
  await using project = await Project.make();
  const run = await pretendRun(project, 1000);
  await using served = await serveOnPort(project);
  await using visitor = await visit();
  const { page } = visitor;
  const bodies: Promise<{ readonly length: number }>[] = [];
  page.on("response", (response) => {
    if (!response.url().includes("/api/")) bodies.push(response.body());
  });
  await page.goto(served.address); // all of it is loaded at once
  await page.locator(".run").waitFor();
  const bytes = (await Promise.all(bodies)).reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes > 100_000 && bytes < LARGEST_SHELL_BYTES, `the shell has ${bytes} bytes`);
  await page.goto(`${served.address}/runs/${run}`);
  await page.locator(".graph .block, .graph .card").first().waitFor({ state: "attached" });
  await page.locator(".steps li").first().waitFor();
  const paintMs = await page.evaluate(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
  );
  // Later shifts of what was painted, as browsers count them: 0.1 is where they call a page unsteady.
  const shifts = await page.evaluate(`new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 500);
  })`);
  assert.ok(Number(shifts) < 0.1, `what was painted has shifted by ${shifts}`);
  // deno-lint-ignore no-console -- figures to read, too unsteady to assert
  console.log(`shell ${bytes} bytes, first paint after ${Math.round(Number(paintMs))} ms`);
});
