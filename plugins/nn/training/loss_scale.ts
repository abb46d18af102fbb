// The number that the loss is multiplied by in mixed precision, so that small gradients do not vanish in float16: as
// large as it can be without that large ones overflow (Micikevicius et al., "Mixed precision training").

/** The scale, and how long it has held. */
export interface LossScale {
  readonly scale: number;
  /** Steps without overflow since the scale last changed. */
  readonly goodSteps: number;
}

/** Where training begins. */
export const FIRST_SCALE: LossScale = { scale: 2 ** 15, goodSteps: 0 };

/** Steps without overflow after which a larger scale is tried. */
const TRIED_AFTER = 2000;

/** Gives the scale of the next step. */
export function nextScale({ scale, goodSteps }: LossScale, overflowed: boolean): LossScale {
  if (overflowed) return { scale: Math.max(1, scale / 2), goodSteps: 0 };
  if (goodSteps + 1 < TRIED_AFTER) return { scale, goodSteps: goodSteps + 1 };
  return { scale: scale * 2, goodSteps: 0 };
}

/**
 * Says whether a step that overflowed is left out. What overflows unscaled is a network that diverges: its step is
 * taken, as in float32, and the next loss shows it.
 */
export function isSkipped({ scale }: LossScale, overflowed: boolean): boolean {
  return overflowed && scale > 1;
}
