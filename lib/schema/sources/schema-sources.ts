import type { SwaggerPackage } from '../../nest/swagger-document.js';
import { SwaggerReadings } from '../../nest/swagger-readings.js';
import { ClassModels } from '../classes/class.model.js';
import type {
  ClassTransformerStorage,
  ClassValidatorJsonSchemaPackage,
  ClassValidatorPackage,
  SchemaPackages,
} from '../classes/schema-packages.interface.js';

/** The optional packages, and what was learnt from them about each class. */
export class SchemaSources implements SchemaPackages {
  readonly swagger: SwaggerPackage | undefined;
  readonly readings: SwaggerReadings | undefined;
  readonly classValidator: ClassValidatorPackage | undefined;
  readonly classTransformer: ClassTransformerStorage | undefined;
  readonly classValidatorJsonSchema:
    ClassValidatorJsonSchemaPackage | undefined;
  readonly models: ClassModels;
  private readonly warnings = new Set<string>();
  private drained = 0;

  constructor(packages: SchemaPackages) {
    this.swagger = packages.swagger;
    this.readings = packages.swagger && new SwaggerReadings(packages.swagger);
    this.classValidator = packages.classValidator;
    this.classTransformer = packages.classTransformer;
    this.classValidatorJsonSchema = packages.classValidatorJsonSchema;
    this.models = new ClassModels(this, (message) =>
      this.warnings.add(message),
    );
  }

  /** Warnings that came up since the last time this was asked; none comes twice. */
  takeWarnings(): string[] {
    if (this.drained === this.warnings.size) {
      return [];
    }
    const fresh = [...this.warnings].slice(this.drained);
    this.drained = this.warnings.size;
    return fresh;
  }
}
