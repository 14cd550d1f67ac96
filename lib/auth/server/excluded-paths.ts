/** What no excluded path may hold, as routers disagree on what it means. */
const AMBIGUOUS = /%|\\|\/\/|(^|\/)\.{1,2}(\/|$)/;

/**
 * Paths that need no token: `/health` is that path alone, `/public/*` all below
 * it. They are compared segment by segment as they were sent; anything encoded
 * or with dots is not excluded.
 */
export class ExcludedPaths {
  private readonly exact = new Set<string>();
  private readonly trees: string[] = [];

  /** @throws Error naming the path that cannot match */
  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const base = path.replace(/\/\*$/, '');
      if (!path.startsWith('/') || AMBIGUOUS.test(path) || base.includes('*')) {
        throw new Error(
          `excludedPaths: "${path}" cannot match. Write a plain path from the ` +
            'root, such as "/health", or "/public/*" for all below it.',
        );
      }
      if (base === path) {
        this.exact.add(path);
      } else {
        this.trees.push(`${base}/`);
      }
    }
  }

  /** @param url path and query, as sent */
  has(url: string): boolean {
    if (this.exact.size === 0 && this.trees.length === 0) {
      return false;
    }
    const [path = ''] = url.split(/[?#]/, 1);
    return (
      (this.exact.has(path) ||
        this.trees.some((tree) => isBelow(path, tree))) &&
      !AMBIGUOUS.test(path)
    );
  }
}

/** `/public/` is `/public` itself to Express, not below it. */
function isBelow(path: string, tree: string): boolean {
  return path.startsWith(tree) && path.length > tree.length;
}
