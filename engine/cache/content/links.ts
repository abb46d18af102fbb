// Symbolic links on the way to what is read: one that leads elsewhere for a while and back again changes
// neither what it led to nor what it leads to.
import { stampOf, type StatStamp } from "./stat_stamp.ts";

/** Stamps of all symbolic links along absolute paths that exist, and along what those lead to. */
export function linksAlong(paths: Iterable<string>): ReadonlyMap<string, StatStamp> {
  const links = new Map<string, StatStamp>();
  const plain = new Set<string>();
  for (const path of paths) {
    const names = path.split("/").reverse();
    let at = "";
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === "" || name === ".") continue;
      if (name === "..") at = at.slice(0, at.lastIndexOf("/"));
      else {
        const next = `${at}/${name}`;
        const info = plain.has(next) ? undefined : Deno.lstatSync(next);
        if (info?.isSymlink) {
          links.set(next, stampOf(info));
          const target = Deno.readLinkSync(next);
          if (target.startsWith("/")) at = "";
          names.push(...target.split("/").reverse());
        } else {
          plain.add(next);
          at = next;
        }
      }
    }
  }
  return links;
}
