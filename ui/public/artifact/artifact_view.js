// @ts-check
/// <reference lib="dom" />
// What a step made: its files, pictures as a gallery, and one file at a time looked at closely.
import { address, ask, fileAddress } from "../api.js";
import { fill, h } from "../dom.js";
import { markdownView } from "./markdown.js";
import { panelView } from "../panel/panel_view.js";
import { rasterView } from "./raster_view.js";
import { scoresView } from "./scores_view.js";
import { csvView, jsonView } from "./tables.js";
import { byteSize, count } from "../words.js";

/** @typedef {{ path: string, sizeBytes: number }} File */
/**
 * An output, with a name for its archive; `tiles` is the tree of the tiles that its step took, where it took some.
 * @typedef {{ tree: string, name: string, port: string, type: string, tiles: string | undefined, signal: AbortSignal }} Artifact
 * @typedef {Artifact & { paths: ReadonlySet<string> }} OpenArtifact
 */

const MOST_TEXT_BYTES = 2_000_000;
const FILES_AT_FIRST = 12;
const PICTURES_AT_FIRST = 24;
const PICTURES = /\.(png|jpe?g|webp|gif)$/i;
/** What `test` writes. */
const SCORES = "metrics.json";
/** Where `visualize` puts its panels. */
const PANEL = /^panels\/.*\.png$/;
/** Data in the form of pictures: nothing to look at. */
const LABELS = /\.labels\.png$/;
const RASTERS = /\.tiff?$/i;
/** Programs like to write text without an ending. */
const NAMELESS = /(?:^|\/)[^./]+$/;
const FRAMED = /\.(html|svg)$/i;
const TEXTS = /\.(txt|log|ya?ml|xml|js|ts|css|prj|tfw|wld|geojson)$/i;
/** What is opened by itself, best first. */
const WELCOME = [
  /\.html$/i,
  /\.md$/i,
  PICTURES,
  /\.svg$/i,
  /\.(csv|tsv)$/i,
  RASTERS,
  /\.json$/i,
  /\.txt$/i,
  NAMELESS,
];

/**
 * Shows an output's files.
 * @param {Artifact} artifact
 */
export async function artifactView(artifact) {
  const { tree, port, type, signal } = artifact;
  const { files: all, count: number, sizeBytes } = await ask(
    address`/api/artifacts/${tree}`,
    signal,
  );
  const isData = (/** @type {File} */ { path }) => LABELS.test(path);
  /** @type {File[]} */
  const files = [...all.filter((/** @type {File} */ file) => !isData(file)), ...all.filter(isData)];
  const paths = new Set(files.map(({ path }) => path));
  const preview = h("div", { class: "preview" });
  /** @param {File} file */
  const open = (file) => openFile({ ...artifact, paths }, file, { preview, list });
  /** @param {File} file */
  const choose = (file) => {
    history.replaceState(null, "", linkTo(artifact, file));
    return open(file);
  };
  const pictures = files.filter((file) => PICTURES.test(file.path) && !isData(file));
  const list = h("div", {}, galleryOf(tree, pictures, choose), listOf(files, choose));
  const wanted = decodeURIComponent(location.hash.slice(1));
  const first = files.find(({ path }) => `${port}/${path}` === wanted) ??
    files.find(({ path }) => type === "scores" && path === SCORES) ??
    WELCOME.map((kind) => files.find(({ path }) => kind.test(path)))
      .find((file) => file !== undefined);
  if (first !== undefined) await open(first);
  return [
    h(
      "p",
      { class: "bar note" },
      `${count(number, "file")}, ${byteSize(sizeBytes)}`,
      number > 1 && h(
        "a",
        { href: address`/artifacts/${tree}.zip?name=${artifact.name}`, download: true },
        "download all as zip",
      ),
    ),
    list,
    preview,
  ];
}

/**
 * @param {string} tree
 * @param {File[]} pictures
 * @param {(file: File) => void} open
 */
function galleryOf(tree, pictures, open) {
  if (pictures.length < 2) return undefined;
  return inParts(h("div", { class: "gallery" }), pictures, PICTURES_AT_FIRST, (file) =>
    h(
      "button",
      {
        type: "button",
        class: PANEL.test(file.path) ? "panel" : "",
        title: file.path,
        "data-path": file.path,
        click: () => open(file),
      },
      h("img", { src: fileAddress(tree, file.path), alt: file.path, loading: "lazy" }),
    ));
}

/**
 * @param {File[]} files
 * @param {(file: File) => void} open
 */
function listOf(files, open) {
  return inParts(h("div", { class: "files" }), files, FILES_AT_FIRST, (file) =>
    h(
      "button",
      { type: "button", "data-path": file.path, click: () => open(file) },
      h("span", {}, file.path),
      h("small", {}, byteSize(file.sizeBytes)),
    ));
}

/**
 * Shows the first of many, and the others when asked for.
 * @param {HTMLElement} place
 * @param {File[]} files
 * @param {number} first
 * @param {(file: File) => Node} make
 */
function inParts(place, files, first, make) {
  place.append(...files.slice(0, first).map(make));
  const rest = files.slice(first);
  if (rest.length === 0) return place;
  const more = h("button", {
    type: "button",
    class: "more",
    click: () => more.replaceWith(...rest.map(make)),
  }, `${rest.length} more`);
  place.append(more);
  return place;
}

/**
 * @param {OpenArtifact} artifact
 * @param {File} file
 * @param {{ preview: HTMLElement, list: HTMLElement }} places
 */
async function openFile(artifact, file, { preview, list }) {
  const { tree } = artifact;
  for (const button of list.querySelectorAll("[data-path]")) {
    button.classList.toggle("open", button.getAttribute("data-path") === file.path);
  }
  const path = fileAddress(tree, file.path);
  const view = await contentOf(path, file, artifact);
  fill(
    preview,
    h(
      "p",
      { class: "bar" },
      h("a", { href: linkTo(artifact, file), class: "path" }, file.path),
      h("a", { href: `${path}?download`, download: true }, "download"),
    ),
    view,
  );
}

/**
 * @param {string} address
 * @param {File} file
 * @param {OpenArtifact} artifact
 */
async function contentOf(address, { path, sizeBytes }, artifact) {
  const { type, signal } = artifact;
  if (type === "figures" && PANEL.test(path)) {
    return await panelView({ sheet: address, labels: labelsBeside(artifact, path) }, path);
  }
  if (PICTURES.test(path)) return h("img", { src: address, alt: path });
  if (RASTERS.test(path)) return await rasterView(artifact, path);
  if (FRAMED.test(path)) {
    // An empty sandbox: no scripts, no forms, no origin; the answer's own policy says the same.
    return h("iframe", { src: address, sandbox: "", title: path, referrerpolicy: "no-referrer" });
  }
  const kind = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const isText = TEXTS.test(path) || NAMELESS.test(path) ||
    ["md", "json", "ndjson", "csv", "tsv"].includes(kind);
  if (!isText) return h("p", { class: "note" }, "There is no preview of this kind of file");
  if (sizeBytes > MOST_TEXT_BYTES) return h("p", { class: "note" }, "Too large to show here");
  const response = await fetch(address, { signal });
  const text = await response.text();
  if (!response.ok) return h("p", { class: "warning" }, JSON.parse(text).message);
  if (text.includes("\0")) return h("p", { class: "note" }, "There is no preview of bytes");
  return type === "scores" && path === SCORES
    ? scoresView(JSON.parse(text), artifact)
    : textView(kind, text);
}

/**
 * The address of a file on this page.
 * @param {Artifact} artifact
 * @param {File} file
 */
function linkTo({ port }, { path }) {
  return `#${encodeURIComponent(`${port}/${path}`)}`;
}

/**
 * Where `visualize` puts the labels of a panel, and the names of their classes; older ones have none.
 * @param {OpenArtifact} artifact
 * @param {string} panel
 */
function labelsBeside({ tree, paths }, panel) {
  const picture = panel.replace(/^panels/, "labels").replace(/png$/, "labels.png");
  const classes = "labels/classes.json";
  if (!paths.has(picture) || !paths.has(classes)) return undefined;
  return { picture: fileAddress(tree, picture), classes: fileAddress(tree, classes) };
}

/**
 * @param {string} kind
 * @param {string} text
 */
function textView(kind, text) {
  try {
    if (kind === "md") return markdownView(text);
    if (kind === "csv" || kind === "tsv") return csvView(text, kind === "csv" ? "," : "\t");
    if (kind === "json") return jsonView(JSON.parse(text));
    if (kind === "ndjson") return jsonView(text.trim().split("\n").map((line) => JSON.parse(line)));
  } catch {
    // It does not hold what its name says; as text it can still be read.
  }
  return h("pre", { class: "text", tabindex: 0 }, text);
}
