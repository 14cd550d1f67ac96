import type { Operation } from '../invocation/call-result.js';

/** Tells which operations have come, gone or changed; by name. */
type ChangeListener = (names: readonly string[]) => void;

/** Operations of one kind and one server: what is listed is what can be called, and nothing else. */
export class OperationRegistry<
  T extends Operation & { readonly definition?: unknown },
> {
  /** Found by the scan of the application. */
  private found: readonly T[] = [];
  /** Registered while it runs. */
  private readonly added = new Map<string, T>();
  private operations: ReadonlyMap<string, T> = new Map();
  private list: readonly T['definition'][] = [];
  /** Whether the application has started: before that, nobody knows another list. */
  private isServing = false;
  private readonly listeners = new Set<ChangeListener>();
  private readonly laterListeners = new Set<ChangeListener>();
  private readonly checks = new Set<(operations: readonly T[]) => void>();

  /** The entries of the list, ordered by name, so that the order survives restarts. */
  get definitions(): readonly T['definition'][] {
    return this.list;
  }

  get all(): Iterable<T> {
    return this.operations.values();
  }

  get size(): number {
    return this.operations.size;
  }

  get(name: string): T | undefined {
    return this.operations.get(name);
  }

  /**
   * Puts a new set in place of the old, except what was added, and tells
   * listeners if the list differs.
   *
   * @throws Error where two have one name, and what a check throws; the old set
   * then stays
   */
  replace(operations: readonly T[]): void {
    this.serve(operations, [...this.added.values()]);
    this.isServing = true;
    this.found = operations;
  }

  /**
   * Adds one while the application runs; it stays when the rest is replaced.
   *
   * @throws Error where the name is taken, and what a check throws
   */
  add(operation: T): void {
    this.serve(this.found, [...this.added.values(), operation]);
    this.added.set(operation.name, operation);
  }

  /** Takes out one that was added; false where there is none. */
  remove(name: string): boolean {
    const existed = this.added.delete(name);
    if (existed) {
      this.serve(this.found, [...this.added.values()]);
    }
    return existed;
  }

  /** Has a new set looked at before it is served. */
  addCheck(check: (operations: readonly T[]) => void): void {
    this.checks.add(check);
  }

  onChange(listener: ChangeListener): void {
    this.listeners.add(listener);
  }

  /** As {@link onChange}, except what is there when the application starts. */
  onLaterChange(listener: ChangeListener): void {
    this.laterListeners.add(listener);
  }

  /** By which an operation is told from others: no two may have one of them in common. */
  protected keysOf({ name }: T): readonly string[] {
    return [name];
  }

  private serve(found: readonly T[], added: readonly T[]): void {
    const operations = [...found, ...added];
    this.refuseDuplicates(operations);
    for (const check of this.checks) {
      check(operations);
    }
    const before = this.operations;
    const sorted = operations.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.operations = new Map(
      sorted.map((operation) => [operation.name, operation]),
    );
    this.list = sorted.map(({ definition }) => definition);
    const changed = changedNames(before, this.operations);
    if (changed.length > 0) {
      const later = this.isServing ? this.laterListeners : [];
      for (const listener of [...this.listeners, ...later]) {
        listener(changed);
      }
    }
  }

  private refuseDuplicates(operations: readonly T[]): void {
    const seen = new Map<string, T>();
    for (const operation of operations) {
      for (const key of this.keysOf(operation)) {
        const twin = seen.get(key);
        if (twin) {
          throw new Error(
            `There is a ${twin.kind} "${twin.name}" already (${twin.origin}), from which ` +
              `"${operation.name}" (${operation.origin}) cannot be told. Remove the one, or rename the other.`,
          );
        }
        seen.set(key, operation);
      }
    }
  }
}

function changedNames(
  before: ReadonlyMap<string, { readonly definition?: unknown }>,
  after: ReadonlyMap<string, { readonly definition?: unknown }>,
): string[] {
  const text = (operations: typeof before, name: string): string | undefined =>
    JSON.stringify(operations.get(name)?.definition);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) =>
      before.has(name) !== after.has(name) ||
      text(before, name) !== text(after, name),
  );
}
