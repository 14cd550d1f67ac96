import { Injectable } from '@nestjs/common';
import { type McpContext, McpResource, McpTool } from 'nestjs-mcp';
import { PNG } from '../media/samples.js';

const WATCHED = 'test://watched-resource';

/** Text, bytes, a template (`{id}` is an argument), and one that changes. */
@Injectable()
export class DocumentResources {
  private revision = 1;

  @McpResource({
    uri: 'test://static-text',
    name: 'static-text',
    title: 'Static text',
    description: 'A text that never changes.',
    mimeType: 'text/plain',
    cache: { ttlMs: 3_600_000 },
  })
  text(): string {
    return 'This is the content of the static text resource.';
  }

  @McpResource({
    uri: 'test://static-binary',
    name: 'static-binary',
    title: 'Static image',
    description: 'An image that never changes.',
    mimeType: 'image/png',
  })
  image(): Buffer {
    return PNG;
  }

  @McpResource({
    uri: 'test://template/{id}/data',
    name: 'data-by-id',
    title: 'Data by ID',
    description: 'The data of one ID.',
    mimeType: 'application/json',
  })
  data({ id }: { id: string }): object {
    return { id, templateTest: true, data: `Data for ID: ${id}` };
  }

  @McpResource({
    uri: WATCHED,
    name: 'watched',
    title: 'Watched resource',
    description: 'Subscribers are told when test_touch_resource changes it.',
    mimeType: 'text/plain',
  })
  watched(): string {
    return `Revision ${this.revision}`;
  }

  @McpTool({
    name: 'test_touch_resource',
    description: 'Changes the watched resource, and tells its subscribers.',
  })
  touch(_arguments: unknown, { notify }: McpContext): string {
    this.revision += 1;
    notify.resourceUpdated(WATCHED);
    return this.watched();
  }

  @McpTool({
    name: 'test_reset_resource',
    description: 'Takes the watched resource back to its first revision.',
    annotations: { destructiveHint: true },
    confirm: 'Forget every revision but the first?',
  })
  reset(_arguments: unknown, { notify }: McpContext): string {
    this.revision = 1;
    notify.resourceUpdated(WATCHED);
    return this.watched();
  }
}
