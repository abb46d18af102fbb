// Frozen fingerprints and tree digests. A value that changes here makes every stored result unreachable or,
// worse, lets an old one stand for a new one: whoever must change one gives the store a new format number
// (FORMAT in engine/cache/layout.ts), and adds vectors rather than replacing them.
import assert from "node:assert/strict";
import { type Digest, digestBytes } from "../../../../engine/cache/content/digest.ts";
import {
  type FingerprintMaterial,
  fingerprintOf,
  type ListedInput,
} from "../../../../engine/cache/recipe/fingerprint.ts";
import { EMPTY_MATERIAL } from "../../../support/empty_material.ts";
import { type TreeEntry, treeOf } from "../../../../engine/cache/content/tree.ts";

const A = digestBytes("a");
const B = digestBytes("b");
const ONE: ListedInput = { name: "train[lr=0.001]", matrix: { lr: 0.001 }, tree: A };
const TWO: ListedInput = { name: "train[lr=0.1]", matrix: { lr: 0.1 }, tree: B };

const FINGERPRINTS: Readonly<Record<string, readonly [Partial<FingerprintMaterial>, string]>> = {
  "every map empty": [{}, "ad11d2ca4afdd4c3896c59426e7c8110374246d4f332772a18890a6b6d0f09a8"],
  "another plugin": [
    { plugin: { name: "q", version: 1, code: {} } },
    "4fff7acd2ea95322b8db449c50e4f680bc4f072e2e5b96692af9ddc28f50b9a0",
  ],
  "another version": [
    { plugin: { name: "p", version: 2, code: {} } },
    "757b0b975a632a667fbf3274384541fa8e1cd75e09129d190c0b4049e58e4320",
  ],
  "modules and packages": [
    {
      plugin: {
        name: "p",
        version: 1,
        code: { "plugin.ts": A, "lib/x.ts": B, "npm:zod": "4.6.7" },
      },
    },
    "960bbe106de27225f372efe5971d395b265d0e6be60311a254f68fce4a7698d5",
  ],
  "one path": [
    { paths: { images: A } },
    "f5b10e86266ad36a304c8aaf6bd20d55f9dea3bebb919791884cd2c020c4f091",
  ],
  "a path inside an option": [
    { paths: { "files.0": A, "files.1": B } },
    "83b7788b312e9966d3b1c5934cf0ff8c421948a304df172179d2e066e8b4d680",
  ],
  "one input": [
    { inputs: { tiles: A } },
    "1111bfa78d0da12d7ac0710f2773aa0335cfd848cd7b16a46499197e247199fa",
  ],
  "the same input under another role": [
    { inputs: { masks: A } },
    "ebd05e0127b4e6cec6b67449283c4adb2f8e26099689b0633566ce02d16c2ba8",
  ],
  "two inputs": [
    { inputs: { a: A, b: B } },
    "e80d50ac746c74129c94c08c397b44034f4531d943333831af1f879e400df580",
  ],
  "two inputs exchanged": [
    { inputs: { a: B, b: A } },
    "bcb66c9f8ae711b1df6417defed4dc31d43cc6ae03b672e1d19a04f0066fd474",
  ],
  "a list of two": [
    { inputs: { models: [ONE, TWO] } },
    "7b67cbbcee722177169e9898cbfe996a4706ece8b3d368943ae97f5f69f28536",
  ],
  "a list in the other order": [
    { inputs: { models: [TWO, ONE] } },
    "9adcb08c8bf3775439798ec6f33377cdb018e07f48b9ef90a003d770e5cafaa1",
  ],
  "a list of one": [
    { inputs: { models: [ONE] } },
    "28f329fd19ae23994cbe5633e4728dd5e9e3356384bbebce12d1388ef50f0d7a",
  ],
  "an item of another name": [
    { inputs: { models: [{ ...ONE, name: "fit[lr=0.001]" }] } },
    "4b3fb383fdf17efb2c035826697cb6b1c9fbe4e9957e5cac2feb7568171ba7d3",
  ],
  "an item with other values": [
    { inputs: { models: [{ ...ONE, matrix: { lr: "0.001", fast: true } }] } },
    "371458269d4edbbfa399fe8397269a5619af4e7ec27c0813cc173a77a3e56768",
  ],
  "an item without a matrix": [
    { inputs: { models: [{ ...ONE, matrix: {} }] } },
    "a43cb9b759c9cdc1f01d44ba06ebcd2283c3311e8703cff0bcd59ff9fe03948b",
  ],
  "an item beside a single input": [
    { inputs: { models: [ONE], tiles: A } },
    "e823393f571b8cd097c81018a8a10b9a94ff5a0e11a6e9b4505a47716c4d00e6",
  ],
  "outputs": [
    { outputs: { model: "model", history: "metrics" } },
    "f3956edcdbb2059dc3b45dbf185a014b97ef09db3b226ee87f4ecf0626ff99f4",
  ],
  "a variable": [
    { env: { CUDA: "1" } },
    "a94bbaef38e10832d1fc77b46078acc560bf5073c6aa2fd4668b517b5159d078",
  ],
  "an absent variable": [
    { env: { CUDA: null } },
    "59454c9cf98ea3ad7489fc201836e7dce14a9ee1aa5bb7119fd3471037869ce2",
  ],
  "an empty variable": [
    { env: { CUDA: "" } },
    "bc175d1e9f7afe16c1ddf9e0f8653c585394c0a2152aae868084cf88d3320249",
  ],
  "another system": [
    { platform: { ...EMPTY_MATERIAL.platform, os: "darwin", arch: "aarch64" } },
    "ce12d049409d4f0831f9d8c70af3449e664051ef30f51ea18cb1fc71ac04db86",
  ],
  "another runtime": [
    { platform: { ...EMPTY_MATERIAL.platform, runtime: "deno 3.0.0" } },
    "c940b63529011bb5364e34cef3a9a69c6d6b6569d9400558ec4e5d263329f657",
  ],
  "a seed": [{ seed: 7 }, "17602be3d042db21b7d344bb23e126528234769ce0c1e1803c2219d7870078bc"],
  "the largest seed": [
    { seed: 4294967295 },
    "92ca71c7ee5977b3c69660b4176d1c3a9a96ea9081651462ed0b47c7037661f8",
  ],
  "a null option": [
    { config: { note: null } },
    "55caecbd8c61e49213a64486a1915530ea774797f4061845d74fe43ba496fc77",
  ],
  "an absent option": [
    { config: { note: undefined } },
    "ad11d2ca4afdd4c3896c59426e7c8110374246d4f332772a18890a6b6d0f09a8",
  ],
  "true": [
    { config: { x: true } },
    "d66ffbacf0832fa8840daa87868da10a071c9477925edc392db49da256d7ebcc",
  ],
  "false": [
    { config: { x: false } },
    "d2bfd0ee7daa25f4b75c2094cafba78cdbaa51cd79c142bb78deaa3be439703a",
  ],
  "one": [{ config: { x: 1 } }, "f4dc56d63a445b505d453993734a0beea277fbf58ec10773479d3796336b33e8"],
  "one as text": [
    { config: { x: "1" } },
    "4b792e8886d2c733eae9ca86f944ef4d23a0a47567e8ee10bcd740314ab548b6",
  ],
  "a fraction": [
    { config: { x: 0.1 } },
    "2e80d890ceede9906c59c37290c04d06ead10397e65182de9b107268ce620fcc",
  ],
  "a tiny number": [
    { config: { x: 1e-7 } },
    "9455e4dd78433064c52534089004497714a72c399ad4f7a0cf15b983a2b8d80a",
  ],
  "a huge number": [
    { config: { x: 1e21 } },
    "421dc03f53401efda85b844bdee4f9fa61a7670973f37d335f71a7b7bec48d50",
  ],
  "a negative number": [
    { config: { x: -2.5 } },
    "e2d48baf68d20bbbaaadccdfa20d6492b35373d5c60a46f6e811d1012d4ca0bc",
  ],
  "zero": [
    { config: { x: 0 } },
    "a8a4c6e9afd6c985eb103c3d877361466f45ebdd9d0a9cf58cab5d37a2e92aff",
  ],
  "empty text": [
    { config: { x: "" } },
    "b6c7b1e18ec44b3eed79080c19affcde8bcd2e60c467ef350317ee7f8b252447",
  ],
  "letters of several bytes": [
    { config: { "größe": "日本語 🛰" } },
    "f2665a4dc263d29837abd178c8fa0a82a451920dcab7f447719b210cd8a49d15",
  ],
  "a letter with its accent apart": [
    { config: { x: "e\u0301" } },
    "1a868cbc0c3bd611396ea9182885df9267915d76ee841dd4969071f90ecbda9e",
  ],
  "the same letter in one": [
    { config: { x: "\u00e9" } },
    "2fccc0c43d3442f82e6afc971c389583988e37173448ca1cb89d06c2074b25b6",
  ],
  "an empty list": [
    { config: { x: [] } },
    "f2ef6e171ccfc073dc8250e7761c9a15f2a9266aae92e255ac03eb6cb85b3ede",
  ],
  "an empty map": [
    { config: { x: {} } },
    "589dbcbfa65e1e98cfa876810a621798a40c85b92c93374f536861cbe9dd9767",
  ],
  "a list with an order": [
    { config: { x: [1, "2", null, [3]] } },
    "0b1326af192c87493133af5fe8817e641490c3e1b0c6ac36e39ab9a761cbdab0",
  ],
  "maps in maps": [
    { config: { model: { depth: 3, blocks: [{ width: 16 }, { width: 32 }] } } },
    "ce3852ba887062ef7b03a675c5ca989febc26b8f256de05177d6ef4959e3b9e6",
  ],
  "everything at once": [
    {
      plugin: {
        name: "train",
        version: 3,
        code: { "plugin.ts": A, "npm:onnxruntime-node": "1.30.0" },
      },
      config: { epochs: 20, lr: 0.0005, classes: ["background", "building"], device: "cpu" },
      paths: { lists: B },
      inputs: { tiles: A, start: B },
      outputs: { model: "model" },
      env: { OMP_NUM_THREADS: "2", CUDA_VISIBLE_DEVICES: null },
      seed: 42,
    },
    "06556c929417d890bd8e56eea9f08360e70acd6b32a1f8234d5b19a8dc01419d",
  ],
};

/** A file of some text. */
function file(path: string, text: string, executable = false): TreeEntry {
  const sizeBytes = new TextEncoder().encode(text).length;
  return { type: "file", path, executable, sizeBytes, digest: digestBytes(text) };
}

const TREES: Readonly<Record<string, readonly [readonly TreeEntry[], string]>> = {
  "nothing": [[], "3056f2d0f3f4fd008be58c59846982472bd2a14d0aae4bb4b6b02cdea47685c0"],
  "one file": [
    [file("a.txt", "a")],
    "27019cb6dabf4aebd15a321cf43083f8acf7495948aa340f5340ccc58101b5d4",
  ],
  "an empty file": [
    [file("a.txt", "")],
    "5ad8362cd2df1e445be66b3827b7db3595206b41165b665fe88539fe78529269",
  ],
  "the same file elsewhere": [
    [file("b/a.txt", "a")],
    "69228a275ebf756cd493358b03eb1cf0eca8cff955800b94ccd16ead574d39b1",
  ],
  "a program": [
    [file("a.txt", "a", true)],
    "e2bf929d9e0f22bad33cb10a4d58dee2d89bb274a31385607a2a66f1e39d4efa",
  ],
  "an empty folder": [
    [{ type: "folder", path: "empty" }],
    "c97e87a8d24534c4c7225fc83dfd817616678eca7445d17afc5c1f6997bd22dc",
  ],
  "odd names": [
    [file("größe 🛰.tif", "a"), file('quo"te\nline', "b")],
    "9901772875676d3f00479c68fcd159e29f1f9545842a60438fa65f28527ca77c",
  ],
  "names that sort by code units": [
    [file("b", "1"), file("B", "2"), file("a/z", "3")],
    "6d8648f6a959957cbac8abb273ebfa8514c771d0b2ac7599f1d99da167468c03",
  ],
};

for (const [what, [change, expected]] of Object.entries(FINGERPRINTS)) {
  Deno.test(`the fingerprint of ${what} is what it always was`, () => {
    assert.equal(fingerprintOf({ ...EMPTY_MATERIAL, ...change }), `sha256:${expected}` as Digest);
  });
}

for (const [what, [entries, expected]] of Object.entries(TREES)) {
  Deno.test(`the digest of a tree of ${what} is what it always was`, () => {
    assert.equal(treeOf(entries).digest, `sha256:${expected}` as Digest);
    assert.equal(treeOf([...entries].reverse()).digest, `sha256:${expected}`, "in any order");
  });
}

Deno.test("no two vectors that differ share a fingerprint, and fields without a value are none", () => {
  const { "an absent option": absent, ...others } = FINGERPRINTS;
  assert.equal(absent?.[1], others["every map empty"]?.[1]);
  const values = Object.values(others).map(([, expected]) => expected);
  assert.equal(new Set(values).size, values.length);
});
