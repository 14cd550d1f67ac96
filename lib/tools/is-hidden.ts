import type { Type } from '@nestjs/common';
import { HIDE_METADATA } from './tool.decorator.js';

/** Whether a method, or its class, carries `@McpHide()`. */
export function isHidden(owner: Type<unknown>, methodName: string): boolean {
  const handler = (owner.prototype as Record<string, object | undefined>)[
    methodName
  ];
  return (
    Reflect.hasMetadata(HIDE_METADATA, owner) ||
    (handler !== undefined && Reflect.hasMetadata(HIDE_METADATA, handler))
  );
}
