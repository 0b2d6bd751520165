import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

// Written by the build, from the schemas that validate.
const DOCUMENT = new URL('../../../generated/openapi.json', import.meta.url);

/** A JSON Schema of draft 2020-12, as far as we look into it. */
export interface JsonSchema {
  [keyword: string]: unknown;
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  description?: string;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
}

/** An OpenAPI 3.1 document, as far as we read it again. */
export interface OpenApi {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, DescribedResponse>;
    securitySchemes: Record<string, JsonSchema>;
  };
}

export interface DescribedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  /** Who may ask: a role, or who else in words. */
  'x-role': string;
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, DescribedResponse | { $ref: string }>;
}

export interface DescribedResponse {
  description: string;
  content?: Content;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

export type Content = Record<string, { schema: JsonSchema; example?: unknown }>;

/** The description of this server's API, as text and as what it says. */
export interface ServedDocument {
  document: OpenApi;
  text: string;
  /** Changes with the text (RFC 9110 8.8.3). */
  etag: string;
}

/** Reads the document; its address is `publicUrl`. */
export function readDocument(publicUrl: string): ServedDocument {
  const described = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenApi;
  const document = { ...described, servers: [{ url: publicUrl }] };
  const text = JSON.stringify(document);
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  return { document, text, etag: `"${digest}"` };
}

/** The component a reference stands for: its name. */
export function componentName(reference: string): string {
  return reference.replace(/^#\/components\/\w+\//, '');
}
