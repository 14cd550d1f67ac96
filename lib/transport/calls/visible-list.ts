import { BoundedMap } from '../../cache/bounded-map.js';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { securitySchemes } from '../../auth/access/tool-visibility.js';
import type { ServerAuth } from '../../auth/server/server-auth.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import type { Operation } from '../../invocation/call-result.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import type { CallAccess } from './call-access.js';

/** A part of a list, and where the next one begins. */
interface Page<D> {
  readonly entries: readonly D[];
  /** Undefined on the last page. */
  readonly nextCursor?: string | undefined;
}

/** Begins every cursor, so that others are told from ours. */
const MARK = 'after:';

/**
 * Cuts lists into pages (MCP, Pagination). A cursor names the last entry that
 * was sent, so that none is left out or sent twice when others come or go.
 */
@Injectable()
export class Pages {
  private readonly size: number;

  constructor(@Inject(SERVER_SETTINGS) { limits }: ServerSettings) {
    this.size = limits.pageSize;
  }

  /**
   * @param list ordered by name, or by what `nameOf` gives
   * @throws ProtocolError -32602 for a cursor that is none of ours
   */
  of<D extends { readonly name: string }>(
    list: readonly D[],
    cursor: string | undefined,
    nameOf: (entry: D) => string = ({ name }) => name,
  ): Page<D> {
    if (cursor === undefined && list.length <= this.size) {
      return { entries: list };
    }
    const last = cursor === undefined ? undefined : readCursor(cursor);
    const start =
      last === undefined ? 0 : list.findIndex((entry) => nameOf(entry) > last);
    const rest = start < 0 ? [] : list.slice(start);
    const entries = rest.slice(0, this.size);
    const end = entries.at(-1);
    return {
      entries,
      ...(end &&
        rest.length > entries.length && {
          nextCursor: writeCursor(nameOf(end)),
        }),
    };
  }
}

function writeCursor(name: string): string {
  return Buffer.from(MARK + name).toString('base64url');
}

function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (
    !text.startsWith(MARK) ||
    writeCursor(text.slice(MARK.length)) !== cursor
  ) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid cursor');
  }
  return text.slice(MARK.length);
}

/** Distinct sets of scopes whose views are kept; callers come with few. */
const MAX_VIEWS = 100;

/** The entry of a list, as clients read it. */
interface Definition {
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

type Listed<D> = Operation & { readonly definition: D };

/** The part of a registry that is listed. */
interface Listing<D> {
  readonly definitions: readonly D[];
  readonly all: Iterable<Listed<D>>;
}

/** Some of the operations, ready to send. */
interface View<D> {
  readonly operations: readonly Listed<D>[];
  readonly definitions: readonly D[];
}

/** Views of one state of the registry. */
interface Views<D> {
  readonly all: View<D>;
  readonly byScopes: BoundedMap<string, View<D>>;
}

/** The answers to one list request: what each caller may see, made once for each set of scopes. */
export class VisibleList<D extends Definition> {
  private readonly views = new WeakMap<readonly unknown[], Views<D>>();

  /** @param listing what is listed now */
  constructor(
    private readonly listing: () => Listing<D>,
    private readonly access: CallAccess,
    private readonly auth: ServerAuth,
  ) {}

  /** The entries for this caller, ordered by name; null stands for one without a token. */
  async visibleTo(token: AccessToken | null): Promise<readonly D[]> {
    const { operations, definitions } = this.permitted(token);
    if (this.auth.showsAll) {
      return definitions;
    }
    const shown = await Promise.all(
      operations.map(async (operation) => this.access.exists(operation, token)),
    );
    return definitions.filter((_definition, index) => shown[index]);
  }

  /** The same, where it is one array for all callers with these scopes. */
  stableFor(token: AccessToken | null): readonly D[] | undefined {
    return this.auth.showsAll ? this.permitted(token).definitions : undefined;
  }

  private permitted(token: AccessToken | null): View<D> {
    const { all, byScopes } = this.current();
    if (!this.auth.hidesUnauthorized) {
      return all;
    }
    const key = token ? JSON.stringify([...token.scopes].sort()) : 'anonymous';
    const known = byScopes.get(key);
    if (known) {
      return known;
    }
    const permitted = this.viewOf(
      all.operations.filter((operation) =>
        this.access.allows(operation, token),
      ),
    );
    byScopes.set(key, permitted);
    return permitted;
  }

  /** The registry makes a new array of definitions whenever it changes. */
  private current(): Views<D> {
    const { definitions, all } = this.listing();
    const known = this.views.get(definitions);
    if (known) {
      return known;
    }
    const views: Views<D> = {
      all: this.viewOf([...all]),
      byScopes: new BoundedMap({ maxEntries: MAX_VIEWS }),
    };
    this.views.set(definitions, views);
    return views;
  }

  private viewOf(operations: readonly Listed<D>[]): View<D> {
    return {
      operations,
      definitions: operations.map((operation) => this.define(operation)),
    };
  }

  private define(operation: Listed<D>): D {
    const { definition } = operation;
    if (!this.auth.verifiesTokens || !this.auth.settings.securitySchemes) {
      return definition;
    }
    const rule = this.access.ruleOf(operation);
    return {
      ...definition,
      _meta: {
        securitySchemes: securitySchemes(
          rule,
          this.auth.scopes.neededBy([rule]),
        ),
        ...definition._meta,
      },
    };
  }
}
