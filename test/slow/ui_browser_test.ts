// The page in a real browser: a run watched to its end or cancelled, a connection lost and found, hostile
// output, other machines, keyboard and screen readers.
import assert from "node:assert/strict";
import {
  browserTest,
  listenFor,
  seriousIssues,
  serveOnPort,
  visit,
  waitForCount,
} from "../support/browser.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";
import { serveProject, TOKEN } from "../ui/served_project.ts";

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
  await waitForCount(page, ".card.waiting", 1);
  await page.locator(".steps").getByText("first").click();
  await page.locator(".log").getByText("begun").waitFor();
  await open(project, "through the gate\n");
  await page.locator(".log").getByText("through the gate").waitFor();
  await page.locator("h1 + .badge.ran").waitFor();
  await running;
  await page.goBack();
  await page.locator("h1 + .badge.done").waitFor();
  await waitForCount(page, ".card.ran", 2);
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
  await waitForCount(page, ".card.ran", 2);
});

browserTest(
  "a run is cancelled on the page, and what it did not finish is retried there",
  async () => {
    await using served = await serveProject("");
    await using listener = listenFor(served.handle);
    const { project } = served;
    const script = `test -e ${project.path("go")} || sleep 600; echo x > outputs/out/x`;
    await project.write("workflow.yaml", workflowOf([commandStep("long", script)]));
    await using visitor = await visit();
    const { page, complaints } = visitor;
    await page.goto(`${listener.address}/#token=${TOKEN}`);
    await page.getByText("No runs yet").waitFor();
    const running = project.cairn("run", "workflow.yaml");
    await page.getByRole("link", { name: /test/ }).click();
    await page.locator(".card.running").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator("h1 + .badge.cancelled").waitFor();
    assert.equal((await running).code, 130);
    await project.write("go", "");
    await page.getByRole("link", { name: "Retry what did not finish…" }).click();
    await page.getByText("1 step of 1 will or may run").waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("h1 + .badge.done").waitFor();
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "a matrix is one node that opens and closes, by an address of its own, too",
  async () => {
    await using project = await Project.make({
      "workflow.yaml": workflowOf([
        commandStep("part", "echo ${{ matrix.x }} > outputs/out/x", {
          more: "matrix: { x: [1, 2, 3] }",
        }),
        commandStep("all", "cat inputs/parts/*/x > outputs/out/x", { inputs: "parts: part" }),
      ]),
    });
    await using served = await serveOnPort(project);
    await project.run();
    await using visitor = await visit();
    const { page, complaints } = visitor;
    await page.goto(served.address);
    await page.getByRole("link", { name: /test/ }).click();
    const matrix = page.getByRole("link", { name: "part, 3 steps of a matrix: 3 ran; open it" });
    await matrix.waitFor();
    await waitForCount(page, ".card", 2);
    await matrix.press("Enter");
    await page.locator(".card", { hasText: "part[x=2]" }).waitFor();
    await waitForCount(page, ".card", 4);
    assert.match(page.url(), /\?open=part$/);
    assert.equal(await page.locator(".card:focus").getAttribute("data-step"), "part[x=1]");
    await page.reload();
    await page.locator(".card", { hasText: "part[x=2]" }).waitFor();
    await page.getByRole("button", { name: "Show the steps of part as one" }).press("Enter");
    await matrix.waitFor();
    await page.getByRole("button", { name: "From top to bottom" }).press("Enter");
    await page.getByRole("button", { name: "From left to right" }).waitFor();
    assert.match(page.url(), /\?direction=down$/);
    assert.deepEqual(await seriousIssues(page), []);
    assert.deepEqual(complaints, []);
  },
);

browserTest("a remote store that failed is told on the page", async () => {
  await using project = await Project.make({
    "workflow.yaml": workflowOf([commandStep("a", "echo x > outputs/out/x")]),
  });
  await project.write("far/FORMAT", "cairn-store/99\n");
  await project.run("--remote", project.path("far"));
  await using served = await serveOnPort(project);
  await using visitor = await visit();
  const { page } = visitor;
  await page.goto(served.address);
  await page.getByRole("link", { name: /test/ }).click();
  await page.locator(".warning", { hasText: "Remote store" }).waitFor();
  assert.deepEqual(await seriousIssues(page), []);
});

browserTest(
  "from another machine the address with the token leads in, and nothing else",
  async () => {
    await using served = await serveProject(
      workflowOf([commandStep("a", "echo x > outputs/out/x")]),
      new Set(["box"]),
    );
    await served.project.run();
    await using listener = listenFor(served.handle);
    await using visitor = await visit();
    const { page, complaints } = visitor;
    await page.goto(listener.address);
    await page.getByText("needs the address that the terminal shows").waitFor();
    await page.goto(`${listener.address}/?token=${TOKEN}`);
    await page.locator(".run").click();
    assert.ok(!page.url().includes(TOKEN));
    await page.locator(".steps a").click();
    await page.locator(".preview pre", { hasText: "x" }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Run again…" }).click();
    await page.getByText("0 steps of 1 will or may run").waitFor();
    assert.deepEqual(complaints, []);
  },
);

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
