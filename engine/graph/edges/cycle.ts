// Orders steps so that each comes after those it waits for, or finds the cycles that prevent it.

/** The order, and every cycle as the list of its members: each waits for the next, the last for the first. */
export interface Ordering {
  /** Complete only where there is no cycle. */
  readonly order: readonly string[];
  readonly cycles: readonly (readonly string[])[];
}

/** A step whose dependencies are being visited. */
interface Visit {
  readonly name: string;
  readonly needs: readonly string[];
  next: number;
}

/**
 * Orders nodes by their needs, otherwise as given. Cycles that share a node are reported as one.
 * Takes time linear in nodes and edges and no stack, so that long chains are fine.
 */
export function orderByNeeds(
  nodes: readonly string[],
  needs: (node: string) => readonly string[],
): Ordering {
  const order: string[] = [];
  const cycles: (readonly string[])[] = [];
  const inCycle = new Set<string>();
  const depths = new Map<string, number>();
  const done = new Set<string>();
  for (const root of nodes) {
    const visits: Visit[] = [];
    const enter = (name: string): void => {
      depths.set(name, visits.length);
      visits.push({ name, needs: needs(name), next: 0 });
    };
    if (!done.has(root)) enter(root);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const need = visit.needs[visit.next++];
      if (need === undefined) {
        visits.pop();
        depths.delete(visit.name);
        done.add(visit.name);
        order.push(visit.name);
        continue;
      }
      const depth = depths.get(need);
      if (depth !== undefined) {
        const members = visits.slice(depth).map(({ name }) => name);
        if (!members.some((name) => inCycle.has(name))) cycles.push(members);
        for (const name of members) inCycle.add(name);
      } else if (!done.has(need)) enter(need);
    }
  }
  return { order, cycles };
}
