import { createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { DESCRIPTORS_BASE64 } from './gen/descriptors.ts';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTORS_BASE64, 'base64')));

/** Returns the serialized descriptor of a protobuf file, or undefined for an unknown name. */
export function findFileDescriptor(name: string): Uint8Array | undefined {
  const file = registry.getFile(name);
  return file && toBinary(FileDescriptorProtoSchema, file.proto);
}

/** Returns the serialized descriptor of the file that declares a service, a method, a message or an enum. */
export function findSymbolDescriptor(symbol: string): Uint8Array | undefined {
  const declared = registry.get(symbol) ?? registry.getService(symbol.slice(0, symbol.lastIndexOf('.')));
  return declared && findFileDescriptor(`${declared.file.name}.proto`);
}
