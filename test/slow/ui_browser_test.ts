// The page in a real browser: a run watched to its end, a connection lost and found, hostile output, large
// graphs, keyboard and screen readers.
import assert from "node:assert/strict";
import type { Event } from "../../engine/events/event.ts";
import { Journal } from "../../engine/events/journal.ts";
import { browserTest, seriousIssues, serveOnPort, visit } from "../support/browser.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

/** A project with a workflow that waits until something is written into `gate`. */
async function gatedProject(): Promise<Project> {
  const project = await Project.make();
  const gate = project.path("gate");
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("first", `echo begun; cat ${gate}; echo x > outputs/out/x`),
      commandStep("second", "echo y > outputs/out/y.txt", { inputs: "x: first.out" }),
    ]),
  );
  return project;
}

const open = (project: Project, text = "open\n"): Promise<void> =>
  Deno.writeTextFile(project.path("gate"), text);

browserTest("a run is watched from waiting to done, its log line by line", async () => {
  await using project = await gatedProject();
  await using served = await serveOnPort(project);
  await using visitor = await visit();
  const { page, complaints } = visitor;
  await page.goto(served.address);
  await page.getByText("No runs yet").waitFor();
  const running = project.cairn("run", "workflow.yaml");
  await page.getByRole("link", { name: /test/ }).click();
  await page.locator(".card.running").waitFor();
  assert.equal(await page.locator(".card.waiting").count(), 1);
  await page.locator(".steps").getByText("first").click();
  await page.locator(".log").getByText("begun").waitFor();
  await open(project, "through the gate\n");
  await page.locator(".log").getByText("through the gate").waitFor();
  await page.locator("h1 + .badge.ran").waitFor();
  await running;
  await page.goBack();
  await page.locator("h1 + .badge.done").waitFor();
  assert.equal(await page.locator(".card.ran").count(), 2);
  assert.deepEqual(complaints, []);
});

browserTest("after the server was away the page goes on by itself", async () => {
  await using project = await gatedProject();
  await using visitor = await visit();
  const { page } = visitor;
  const first = await serveOnPort(project);
  await page.goto(first.address);
  const running = project.cairn("run", "workflow.yaml");
  await page.getByRole("link", { name: /test/ }).click();
  await page.locator(".card.running").waitFor();
  await first[Symbol.asyncDispose]();
  await page.getByText("connection lost, trying again").waitFor();
  await open(project);
  await running;
  await using _again = await serveOnPort(project, first.port);
  await page.locator("h1 + .badge.done").waitFor();
  assert.equal(await page.locator(".card.ran").count(), 2);
});

const HOSTILE = workflowOf([
  commandStep(
    "evil",
    [
      `echo '<img src=x onerror="alert(1)"><script>alert(2)</script>'`,
      `echo '<script>parent.document.title="owned"; alert(3)</script><p>shown</p>' > outputs/out/a.html`,
      `echo '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"/>' > outputs/out/b.svg`,
      `echo '# <img src=x onerror="alert(5)"> [x](javascript:alert(6))' > outputs/out/c.md`,
      `echo '{"<b>x</b>": "<script>alert(7)</script>"}' > outputs/out/d.json`,
    ].join("\n"),
  ),
]);

browserTest("nothing that a step prints or makes is ever run", async () => {
  await using project = await Project.make({ "workflow.yaml": HOSTILE });
  await using served = await serveOnPort(project);
  await project.run();
  await using visitor = await visit();
  const { page, complaints } = visitor;
  await page.goto(served.address);
  await page.getByRole("link", { name: /test/ }).click();
  await page.locator(".steps").getByText("evil").click();
  await page.locator(".log").getByText('onerror="alert(1)"').waitFor();
  await page.frameLocator("iframe").getByText("shown").waitFor();
  const previews = { "b.svg": "iframe", "c.md": ".markdown h3", "d.json": ".record dd" };
  for (const [file, shown] of Object.entries(previews)) {
    await page.locator(".files button", { hasText: file }).click();
    await page.locator(`.preview ${shown}`).first().waitFor();
  }
  assert.match(await page.title(), /^evil · .* · cairn$/);
  assert.equal(await page.locator("main img[onerror], main script").count(), 0);
  const link = await page.locator(".preview a[download]").getAttribute("href");
  // Opened by itself, without the frame.
  await page.goto(served.address + link?.replace(/d\.json.*/, "a.html"));
  await page.getByText("shown").waitFor();
  assert.deepEqual(complaints, []);
});

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

browserTest("every view is fit for screen readers, in light, dark and narrow", async () => {
  await using project = await Project.make({ "workflow.yaml": HOSTILE });
  await using served = await serveOnPort(project);
  await project.run();
  await project.run();
  const runs = [...Deno.readDirSync(project.path(".cairn/runs"))].map(({ name }) => name);
  const paths = [
    "/",
    ...runs.flatMap((run) => [`/runs/${run}`, `/runs/${run}/steps/evil`]),
    `/compare/${runs.join(",")}`,
    "/models",
    "/runs/none",
  ];
  for (const look of [{}, { dark: true }, { width: 360 }]) {
    await using visitor = await visit(look);
    const { page } = visitor;
    for (const path of paths) {
      await page.goto(served.address + path);
      await page.locator("main h1").waitFor();
      assert.deepEqual(await seriousIssues(page), [], `${path} ${JSON.stringify(look)}`);
      const tooWide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.ok(Number(tooWide) <= 0, `${path} ${JSON.stringify(look)} scrolls sideways`);
    }
  }
});

browserTest("runs and steps are reached by keyboard alone", async () => {
  await using project = await Project.make({ "workflow.yaml": HOSTILE });
  await using served = await serveOnPort(project);
  await project.run();
  await using visitor = await visit();
  const { page } = visitor;
  await page.goto(served.address);
  await page.locator(".run").waitFor();
  const tabTo = async (selector: string): Promise<void> => {
    for (let turn = 0; turn < 12; turn++) {
      await page.keyboard.press("Tab");
      if (await page.locator(`${selector}:focus`).count() === 1) return;
    }
    assert.fail(`the Tab key does not reach ${selector}`);
  };
  await tabTo(".run");
  await page.keyboard.press("Enter");
  await page.locator(".graph .card").waitFor();
  await tabTo(".graph .card");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "evil" }).waitFor();
});
