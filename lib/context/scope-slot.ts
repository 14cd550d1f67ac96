import { AsyncLocalStorage } from 'node:async_hooks';

/** A value of one slot, within all that held before. */
interface Scope {
  readonly slot: object;
  readonly value: unknown;
  readonly outer: Scope | undefined;
}

/** One for all slots: each storage costs something with every promise of the process. */
const storage = new AsyncLocalStorage<Scope>();

/** A value that everything finds which is run, however deep, while it holds. */
export class ScopeSlot<T> {
  /** The value that holds here, if any. */
  get(): T | undefined {
    let scope = storage.getStore();
    while (scope !== undefined && scope.slot !== this) scope = scope.outer;
    return scope?.value as T | undefined;
  }

  /** Runs `serve` with the value, and with those of all other slots. */
  run<R>(value: T, serve: () => R): R {
    return storage.run({ slot: this, value, outer: storage.getStore() }, serve);
  }
}
