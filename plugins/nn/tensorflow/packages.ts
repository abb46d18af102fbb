// The npm packages that hold TensorFlow's native library, and how they are installed.

/** The one that can compute on a GPU is taken where both are there. */
export const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/** Says how to install what computes on a GPU, into a folder below the project unless one is named. */
export function installHint(folder = "tensorflow"): string {
  return `Install it with npm install --prefix ${folder} ${
    PACKAGES[0]
  }, and set "addon" to "${folder}"`;
}
