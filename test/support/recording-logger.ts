import type { LoggerService } from '@nestjs/common';

/** One line an application logged. */
export interface LogLine {
  readonly level: 'log' | 'warn' | 'error' | 'fatal' | 'debug' | 'verbose';
  readonly text: string;
}

/** Keeps what an application logs, so that a test can read it and the console stays quiet. */
export class RecordingLogger implements LoggerService {
  readonly lines: LogLine[] = [];

  log(...parts: unknown[]): void {
    this.add('log', parts);
  }

  warn(...parts: unknown[]): void {
    this.add('warn', parts);
  }

  error(...parts: unknown[]): void {
    this.add('error', parts);
  }

  fatal(...parts: unknown[]): void {
    this.add('fatal', parts);
  }

  debug(...parts: unknown[]): void {
    this.add('debug', parts);
  }

  verbose(...parts: unknown[]): void {
    this.add('verbose', parts);
  }

  /** Texts of one level, oldest first. */
  of(level: LogLine['level']): string[] {
    return this.lines
      .filter((line) => line.level === level)
      .map((line) => line.text);
  }

  private add(level: LogLine['level'], parts: unknown[]): void {
    this.lines.push({ level, text: parts.map(textOf).join(' ') });
  }
}

const textOf = (part: unknown): string =>
  part instanceof Error
    ? `${part.message} ${part.stack}`
    : typeof part === 'string'
      ? part
      : (JSON.stringify(part) ?? String(part));
