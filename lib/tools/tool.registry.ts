import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { Tool } from './tool.interface.js';

/** The tools of one server: what is listed is what can be called, and nothing else. */
@Injectable()
export class ToolRegistry {
  private tools: ReadonlyMap<string, Tool> = new Map();
  private list: readonly ToolDefinition[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly checks = new Set<(tools: readonly Tool[]) => void>();

  /** The entries of `tools/list`, ordered by name, so that the order survives restarts. */
  get definitions(): readonly ToolDefinition[] {
    return this.list;
  }

  get all(): Iterable<Tool> {
    return this.tools.values();
  }

  get(name: string): Tool | undefined {
    return this.tools.get(name);
  }

  /**
   * Puts a new set in place of the old and tells listeners if the list differs.
   *
   * @throws what a check throws; the old set then stays
   */
  replace(tools: readonly Tool[]): void {
    for (const check of this.checks) {
      check(tools);
    }
    const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
    const before = JSON.stringify(this.list);
    this.tools = new Map(sorted.map((tool) => [tool.name, tool]));
    this.list = sorted.map(({ definition }) => definition);
    if (JSON.stringify(this.list) !== before) {
      for (const listener of this.listeners) {
        listener();
      }
    }
  }

  /** Has a new set looked at before it is served. */
  addCheck(check: (tools: readonly Tool[]) => void): void {
    this.checks.add(check);
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }
}
