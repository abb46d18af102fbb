// What a checkpoint may build: dictionaries and tensors on storages. Every other name is refused.
import { Unreadable } from "../bytes.ts";
import { decodeElements, type ElementType, type StoredTensor } from "../elements.ts";
import { Global, type Surroundings } from "./pickle.ts";

/** Elements of one type that lie elsewhere in the file, under a key. */
export class Storage {
  constructor(readonly type: ElementType, readonly key: string) {}
}

/** Gives the bytes of a storage; throws Unreadable where the file has none. */
export type FindBytes = (storage: Storage) => Uint8Array;

/** A tensor as a checkpoint describes it: a way through the elements of a storage. */
export class Tensor implements StoredTensor {
  constructor(
    readonly shape: readonly number[],
    private readonly place: {
      readonly storage: Storage;
      readonly offset: number;
      readonly strides: readonly number[];
      readonly find: FindBytes;
    },
  ) {}

  read(): Float32Array {
    const { storage, offset, strides, find } = this.place;
    const bytes = find(storage);
    return decodeElements({ type: storage.type, bytes, shape: this.shape, strides, offset });
  }
}

const STORAGE_TYPES: Readonly<Record<string, ElementType>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** Gives the names that checkpoints may use; `find` is asked only when a tensor is read. */
export function torchSurroundings(find: FindBytes): Surroundings {
  const made: Readonly<Record<string, NonNullable<Global["make"]>>> = {
    "collections.OrderedDict": () => new Map(),
    "torch._utils._rebuild_tensor_v2": (values) => rebuildTensor(values, find),
    "torch._utils._rebuild_parameter": ([tensor]) => tensor,
    "torch.Size": ([lengths]) => lengths,
    "torch.device": ([kind]) => kind,
  };
  return {
    global: (name) => {
      if (Object.hasOwn(STORAGE_TYPES, name)) return new Global(name);
      if (Object.hasOwn(made, name)) return new Global(name, made[name]);
      throw new Unreadable(
        `it asks Python for "${name}", which is no part of weights; nothing of it was run`,
        "If you trust its origin, load it in Python and save only the weights, with " +
          "torch.save(model.state_dict(), path)",
      );
    },
    persistent: storageOf,
  };
}

/** An id is ("storage", type, key, device, length); the old format adds a view, absent since 2017. */
function storageOf(id: unknown): Storage {
  const [kind, type, key, , , view = null] = Array.isArray(id) ? id : [];
  const elements = type instanceof Global ? STORAGE_TYPES[type.name] : undefined;
  if (kind !== "storage" || elements === undefined || typeof key !== "string" || view !== null) {
    throw new Unreadable("it describes a storage in an unknown way");
  }
  return new Storage(elements, key);
}

function rebuildTensor(values: readonly unknown[], find: FindBytes): Tensor {
  const [storage, offset, shape, strides] = values;
  const isWhole = storage instanceof Storage && isCount(offset) && isCounts(shape) &&
    isCounts(strides) && shape.length === strides.length;
  if (!isWhole) throw new Unreadable("it describes a tensor in an unknown way");
  return new Tensor(shape, { storage, offset, strides, find });
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
