// Generated from replivec.proto by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";

/** Namespace replivec. */
export namespace replivec {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a SegmentHeader.
         * @deprecated Use replivec.v1.SegmentHeader.$Properties instead.
         */
        interface ISegmentHeader extends replivec.v1.SegmentHeader.$Properties {
        }

        /** Represents a SegmentHeader. */
        class SegmentHeader {

            /**
             * Constructs a new SegmentHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.SegmentHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SegmentHeader historyId. */
            historyId: string;

            /** SegmentHeader nodeId. */
            nodeId: string;

            /** SegmentHeader epochs. */
            epochs: replivec.v1.Epoch.$Properties[];

            /** SegmentHeader firstSeq. */
            firstSeq: number;

            /** SegmentHeader createdAtMs. */
            createdAtMs: number;

            /** SegmentHeader parent. */
            parent?: (replivec.v1.Parent.$Properties|null);

            /**
             * Encodes the specified SegmentHeader message. Does not implicitly {@link replivec.v1.SegmentHeader.verify|verify} messages.
             * @param message SegmentHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.SegmentHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SegmentHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.SegmentHeader & replivec.v1.SegmentHeader.$Shape} SegmentHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.SegmentHeader & replivec.v1.SegmentHeader.$Shape;
        }

        namespace SegmentHeader {

            /** Properties of a SegmentHeader. */
            interface $Properties {

                /** SegmentHeader historyId */
                historyId?: (string|null);

                /** SegmentHeader nodeId */
                nodeId?: (string|null);

                /** SegmentHeader epochs */
                epochs?: (replivec.v1.Epoch.$Properties[]|null);

                /** SegmentHeader firstSeq */
                firstSeq?: (number|null);

                /** SegmentHeader createdAtMs */
                createdAtMs?: (number|null);

                /** SegmentHeader parent */
                parent?: (replivec.v1.Parent.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SegmentHeader. */
            type $Shape = replivec.v1.SegmentHeader.$Properties;
        }

        /**
         * Properties of an Epoch.
         * @deprecated Use replivec.v1.Epoch.$Properties instead.
         */
        interface IEpoch extends replivec.v1.Epoch.$Properties {
        }

        /** Represents an Epoch. */
        class Epoch {

            /**
             * Constructs a new Epoch.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Epoch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Epoch epoch. */
            epoch: number;

            /** Epoch nodeId. */
            nodeId: string;

            /** Epoch firstSeq. */
            firstSeq: number;

            /**
             * Encodes the specified Epoch message. Does not implicitly {@link replivec.v1.Epoch.verify|verify} messages.
             * @param message Epoch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Epoch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Epoch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Epoch & replivec.v1.Epoch.$Shape} Epoch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Epoch & replivec.v1.Epoch.$Shape;
        }

        namespace Epoch {

            /** Properties of an Epoch. */
            interface $Properties {

                /** Epoch epoch */
                epoch?: (number|null);

                /** Epoch nodeId */
                nodeId?: (string|null);

                /** Epoch firstSeq */
                firstSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Epoch. */
            type $Shape = replivec.v1.Epoch.$Properties;
        }

        /**
         * Properties of a Parent.
         * @deprecated Use replivec.v1.Parent.$Properties instead.
         */
        interface IParent extends replivec.v1.Parent.$Properties {
        }

        /** Represents a Parent. */
        class Parent {

            /**
             * Constructs a new Parent.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Parent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Parent historyId. */
            historyId: string;

            /** Parent epoch. */
            epoch: number;

            /** Parent seq. */
            seq: number;

            /**
             * Encodes the specified Parent message. Does not implicitly {@link replivec.v1.Parent.verify|verify} messages.
             * @param message Parent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Parent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Parent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Parent & replivec.v1.Parent.$Shape} Parent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Parent & replivec.v1.Parent.$Shape;
        }

        namespace Parent {

            /** Properties of a Parent. */
            interface $Properties {

                /** Parent historyId */
                historyId?: (string|null);

                /** Parent epoch */
                epoch?: (number|null);

                /** Parent seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Parent. */
            type $Shape = replivec.v1.Parent.$Properties;
        }

        /**
         * Properties of a Mark.
         * @deprecated Use replivec.v1.Mark.$Properties instead.
         */
        interface IMark extends replivec.v1.Mark.$Properties {
        }

        /** Represents a Mark. */
        class Mark {

            /**
             * Constructs a new Mark.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Mark.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Mark durableSeq. */
            durableSeq: number;

            /**
             * Encodes the specified Mark message. Does not implicitly {@link replivec.v1.Mark.verify|verify} messages.
             * @param message Mark message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Mark.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Mark message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Mark & replivec.v1.Mark.$Shape} Mark
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Mark & replivec.v1.Mark.$Shape;
        }

        namespace Mark {

            /** Properties of a Mark. */
            interface $Properties {

                /** Mark durableSeq */
                durableSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Mark. */
            type $Shape = replivec.v1.Mark.$Properties;
        }

        /**
         * Properties of a Commit.
         * @deprecated Use replivec.v1.Commit.$Properties instead.
         */
        interface ICommit extends replivec.v1.Commit.$Properties {
        }

        /** Represents a Commit. */
        class Commit {

            /**
             * Constructs a new Commit.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Commit.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Commit epoch. */
            epoch: number;

            /** Commit originId. */
            originId: string;

            /** Commit firstSeq. */
            firstSeq: number;

            /** Commit count. */
            count: number;

            /** Commit committedAtMs. */
            committedAtMs: number;

            /** Commit operations. */
            operations: replivec.v1.Operation.$Properties[];

            /**
             * Encodes the specified Commit message. Does not implicitly {@link replivec.v1.Commit.verify|verify} messages.
             * @param message Commit message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Commit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Commit message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Commit & replivec.v1.Commit.$Shape} Commit
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Commit & replivec.v1.Commit.$Shape;
        }

        namespace Commit {

            /** Properties of a Commit. */
            interface $Properties {

                /** Commit epoch */
                epoch?: (number|null);

                /** Commit originId */
                originId?: (string|null);

                /** Commit firstSeq */
                firstSeq?: (number|null);

                /** Commit count */
                count?: (number|null);

                /** Commit committedAtMs */
                committedAtMs?: (number|null);

                /** Commit operations */
                operations?: (replivec.v1.Operation.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Commit. */
            type $Shape = {
              epoch?: number|null;
              originId?: string|null;
              firstSeq?: number|null;
              count?: number|null;
              committedAtMs?: number|null;
              operations?: replivec.v1.Operation.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of an Operation.
         * @deprecated Use replivec.v1.Operation.$Properties instead.
         */
        interface IOperation extends replivec.v1.Operation.$Properties {
        }

        /** Represents an Operation. */
        class Operation {

            /**
             * Constructs a new Operation.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Operation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Operation put. */
            put?: (replivec.v1.Put.$Properties|null);

            /** Operation setVector. */
            setVector?: (replivec.v1.SetVector.$Properties|null);

            /** Operation setMetadata. */
            setMetadata?: (replivec.v1.SetMetadata.$Properties|null);

            /** Operation delete. */
            delete?: (replivec.v1.Delete.$Properties|null);

            /** Operation createCollection. */
            createCollection?: (replivec.v1.CreateCollection.$Properties|null);

            /** Operation configureCollection. */
            configureCollection?: (replivec.v1.ConfigureCollection.$Properties|null);

            /** Operation dropCollection. */
            dropCollection?: (replivec.v1.DropCollection.$Properties|null);

            /** Operation update. */
            update?: (replivec.v1.Update.$Properties|null);

            /** Operation version. */
            version?: (replivec.v1.Version.$Properties|null);

            /** Operation kind. */
            kind?: ("put"|"setVector"|"setMetadata"|"delete"|"createCollection"|"configureCollection"|"dropCollection"|"update");

            /**
             * Encodes the specified Operation message. Does not implicitly {@link replivec.v1.Operation.verify|verify} messages.
             * @param message Operation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Operation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Operation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Operation & replivec.v1.Operation.$Shape} Operation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Operation & replivec.v1.Operation.$Shape;
        }

        namespace Operation {

            /** Properties of an Operation. */
            interface $Properties {

                /** Operation put */
                put?: (replivec.v1.Put.$Properties|null);

                /** Operation setVector */
                setVector?: (replivec.v1.SetVector.$Properties|null);

                /** Operation setMetadata */
                setMetadata?: (replivec.v1.SetMetadata.$Properties|null);

                /** Operation delete */
                "delete"?: (replivec.v1.Delete.$Properties|null);

                /** Operation createCollection */
                createCollection?: (replivec.v1.CreateCollection.$Properties|null);

                /** Operation configureCollection */
                configureCollection?: (replivec.v1.ConfigureCollection.$Properties|null);

                /** Operation dropCollection */
                dropCollection?: (replivec.v1.DropCollection.$Properties|null);

                /** Operation update */
                update?: (replivec.v1.Update.$Properties|null);

                /** Operation version */
                version?: (replivec.v1.Version.$Properties|null);

                /** Operation kind */
                kind?: ("put"|"setVector"|"setMetadata"|"delete"|"createCollection"|"configureCollection"|"dropCollection"|"update");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an Operation. */
            type $Shape = {
              put?: replivec.v1.Put.$Shape|null;
              setVector?: replivec.v1.SetVector.$Shape|null;
              setMetadata?: replivec.v1.SetMetadata.$Shape|null;
              "delete"?: replivec.v1.Delete.$Shape|null;
              createCollection?: replivec.v1.CreateCollection.$Shape|null;
              configureCollection?: replivec.v1.ConfigureCollection.$Shape|null;
              dropCollection?: replivec.v1.DropCollection.$Shape|null;
              update?: replivec.v1.Update.$Shape|null;
              version?: replivec.v1.Version.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "put"; put: replivec.v1.Put.$Shape; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "setVector"; put?: null; setVector: replivec.v1.SetVector.$Shape; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "setMetadata"; put?: null; setVector?: null; setMetadata: replivec.v1.SetMetadata.$Shape; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "delete"; put?: null; setVector?: null; setMetadata?: null; "delete": replivec.v1.Delete.$Shape; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "createCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection: replivec.v1.CreateCollection.$Shape; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "configureCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection: replivec.v1.ConfigureCollection.$Shape; dropCollection?: null; update?: null }|{ kind?: "dropCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection: replivec.v1.DropCollection.$Shape; update?: null }|{ kind?: "update"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update: replivec.v1.Update.$Shape })
            );
        }

        /**
         * Properties of a Version.
         * @deprecated Use replivec.v1.Version.$Properties instead.
         */
        interface IVersion extends replivec.v1.Version.$Properties {
        }

        /** Represents a Version. */
        class Version {

            /**
             * Constructs a new Version.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Version.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Version originId. */
            originId: string;

            /** Version counter. */
            counter: number;

            /** Version timeMs. */
            timeMs: number;

            /**
             * Encodes the specified Version message. Does not implicitly {@link replivec.v1.Version.verify|verify} messages.
             * @param message Version message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Version.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Version message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Version & replivec.v1.Version.$Shape} Version
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Version & replivec.v1.Version.$Shape;
        }

        namespace Version {

            /** Properties of a Version. */
            interface $Properties {

                /** Version originId */
                originId?: (string|null);

                /** Version counter */
                counter?: (number|null);

                /** Version timeMs */
                timeMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Version. */
            type $Shape = replivec.v1.Version.$Properties;
        }

        /**
         * Properties of a Put.
         * @deprecated Use replivec.v1.Put.$Properties instead.
         */
        interface IPut extends replivec.v1.Put.$Properties {
        }

        /** Represents a Put. */
        class Put {

            /**
             * Constructs a new Put.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Put.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Put collection. */
            collection: number;

            /** Put id. */
            id: string;

            /** Put vector. */
            vector: Uint8Array;

            /** Put metadata. */
            metadata: string;

            /**
             * Encodes the specified Put message. Does not implicitly {@link replivec.v1.Put.verify|verify} messages.
             * @param message Put message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Put.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Put message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Put & replivec.v1.Put.$Shape} Put
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Put & replivec.v1.Put.$Shape;
        }

        namespace Put {

            /** Properties of a Put. */
            interface $Properties {

                /** Put collection */
                collection?: (number|null);

                /** Put id */
                id?: (string|null);

                /** Put vector */
                vector?: (Uint8Array|null);

                /** Put metadata */
                metadata?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Put. */
            type $Shape = replivec.v1.Put.$Properties;
        }

        /**
         * Properties of a SetVector.
         * @deprecated Use replivec.v1.SetVector.$Properties instead.
         */
        interface ISetVector extends replivec.v1.SetVector.$Properties {
        }

        /** Represents a SetVector. */
        class SetVector {

            /**
             * Constructs a new SetVector.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.SetVector.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetVector collection. */
            collection: number;

            /** SetVector id. */
            id: string;

            /** SetVector vector. */
            vector: Uint8Array;

            /**
             * Encodes the specified SetVector message. Does not implicitly {@link replivec.v1.SetVector.verify|verify} messages.
             * @param message SetVector message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.SetVector.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetVector message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.SetVector & replivec.v1.SetVector.$Shape} SetVector
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.SetVector & replivec.v1.SetVector.$Shape;
        }

        namespace SetVector {

            /** Properties of a SetVector. */
            interface $Properties {

                /** SetVector collection */
                collection?: (number|null);

                /** SetVector id */
                id?: (string|null);

                /** SetVector vector */
                vector?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetVector. */
            type $Shape = replivec.v1.SetVector.$Properties;
        }

        /**
         * Properties of a SetMetadata.
         * @deprecated Use replivec.v1.SetMetadata.$Properties instead.
         */
        interface ISetMetadata extends replivec.v1.SetMetadata.$Properties {
        }

        /** Represents a SetMetadata. */
        class SetMetadata {

            /**
             * Constructs a new SetMetadata.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.SetMetadata.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetMetadata collection. */
            collection: number;

            /** SetMetadata id. */
            id: string;

            /** SetMetadata set. */
            set: string;

            /** SetMetadata unset. */
            unset: string[];

            /**
             * Encodes the specified SetMetadata message. Does not implicitly {@link replivec.v1.SetMetadata.verify|verify} messages.
             * @param message SetMetadata message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.SetMetadata.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetMetadata message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.SetMetadata & replivec.v1.SetMetadata.$Shape} SetMetadata
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.SetMetadata & replivec.v1.SetMetadata.$Shape;
        }

        namespace SetMetadata {

            /** Properties of a SetMetadata. */
            interface $Properties {

                /** SetMetadata collection */
                collection?: (number|null);

                /** SetMetadata id */
                id?: (string|null);

                /** SetMetadata set */
                set?: (string|null);

                /** SetMetadata unset */
                unset?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetMetadata. */
            type $Shape = replivec.v1.SetMetadata.$Properties;
        }

        /**
         * Properties of an Update.
         * @deprecated Use replivec.v1.Update.$Properties instead.
         */
        interface IUpdate extends replivec.v1.Update.$Properties {
        }

        /** Represents an Update. */
        class Update {

            /**
             * Constructs a new Update.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Update.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Update collection. */
            collection: number;

            /** Update id. */
            id: string;

            /** Update vector. */
            vector: Uint8Array;

            /** Update set. */
            set: string;

            /** Update unset. */
            unset: string[];

            /**
             * Encodes the specified Update message. Does not implicitly {@link replivec.v1.Update.verify|verify} messages.
             * @param message Update message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Update.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Update message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Update & replivec.v1.Update.$Shape} Update
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Update & replivec.v1.Update.$Shape;
        }

        namespace Update {

            /** Properties of an Update. */
            interface $Properties {

                /** Update collection */
                collection?: (number|null);

                /** Update id */
                id?: (string|null);

                /** Update vector */
                vector?: (Uint8Array|null);

                /** Update set */
                set?: (string|null);

                /** Update unset */
                unset?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Update. */
            type $Shape = replivec.v1.Update.$Properties;
        }

        /**
         * Properties of a Delete.
         * @deprecated Use replivec.v1.Delete.$Properties instead.
         */
        interface IDelete extends replivec.v1.Delete.$Properties {
        }

        /** Represents a Delete. */
        class Delete {

            /**
             * Constructs a new Delete.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.Delete.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Delete collection. */
            collection: number;

            /** Delete id. */
            id: string;

            /**
             * Encodes the specified Delete message. Does not implicitly {@link replivec.v1.Delete.verify|verify} messages.
             * @param message Delete message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.Delete.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Delete message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.Delete & replivec.v1.Delete.$Shape} Delete
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.Delete & replivec.v1.Delete.$Shape;
        }

        namespace Delete {

            /** Properties of a Delete. */
            interface $Properties {

                /** Delete collection */
                collection?: (number|null);

                /** Delete id */
                id?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Delete. */
            type $Shape = replivec.v1.Delete.$Properties;
        }

        /**
         * Properties of a CreateCollection.
         * @deprecated Use replivec.v1.CreateCollection.$Properties instead.
         */
        interface ICreateCollection extends replivec.v1.CreateCollection.$Properties {
        }

        /** Represents a CreateCollection. */
        class CreateCollection {

            /**
             * Constructs a new CreateCollection.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.CreateCollection.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateCollection name. */
            name: string;

            /** CreateCollection dimensions. */
            dimensions: number;

            /** CreateCollection metric. */
            metric: string;

            /** CreateCollection backend. */
            backend: string;

            /** CreateCollection indexed. */
            indexed: string[];

            /**
             * Encodes the specified CreateCollection message. Does not implicitly {@link replivec.v1.CreateCollection.verify|verify} messages.
             * @param message CreateCollection message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.CreateCollection.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateCollection message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.CreateCollection & replivec.v1.CreateCollection.$Shape} CreateCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.CreateCollection & replivec.v1.CreateCollection.$Shape;
        }

        namespace CreateCollection {

            /** Properties of a CreateCollection. */
            interface $Properties {

                /** CreateCollection name */
                name?: (string|null);

                /** CreateCollection dimensions */
                dimensions?: (number|null);

                /** CreateCollection metric */
                metric?: (string|null);

                /** CreateCollection backend */
                backend?: (string|null);

                /** CreateCollection indexed */
                indexed?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateCollection. */
            type $Shape = replivec.v1.CreateCollection.$Properties;
        }

        /**
         * Properties of a ConfigureCollection.
         * @deprecated Use replivec.v1.ConfigureCollection.$Properties instead.
         */
        interface IConfigureCollection extends replivec.v1.ConfigureCollection.$Properties {
        }

        /** Represents a ConfigureCollection. */
        class ConfigureCollection {

            /**
             * Constructs a new ConfigureCollection.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.ConfigureCollection.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConfigureCollection collection. */
            collection: number;

            /** ConfigureCollection backend. */
            backend: string;

            /** ConfigureCollection indexed. */
            indexed: string[];

            /**
             * Encodes the specified ConfigureCollection message. Does not implicitly {@link replivec.v1.ConfigureCollection.verify|verify} messages.
             * @param message ConfigureCollection message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.ConfigureCollection.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConfigureCollection message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.ConfigureCollection & replivec.v1.ConfigureCollection.$Shape} ConfigureCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.ConfigureCollection & replivec.v1.ConfigureCollection.$Shape;
        }

        namespace ConfigureCollection {

            /** Properties of a ConfigureCollection. */
            interface $Properties {

                /** ConfigureCollection collection */
                collection?: (number|null);

                /** ConfigureCollection backend */
                backend?: (string|null);

                /** ConfigureCollection indexed */
                indexed?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConfigureCollection. */
            type $Shape = replivec.v1.ConfigureCollection.$Properties;
        }

        /**
         * Properties of a DropCollection.
         * @deprecated Use replivec.v1.DropCollection.$Properties instead.
         */
        interface IDropCollection extends replivec.v1.DropCollection.$Properties {
        }

        /** Represents a DropCollection. */
        class DropCollection {

            /**
             * Constructs a new DropCollection.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.DropCollection.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DropCollection collection. */
            collection: number;

            /**
             * Encodes the specified DropCollection message. Does not implicitly {@link replivec.v1.DropCollection.verify|verify} messages.
             * @param message DropCollection message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.DropCollection.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DropCollection message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.DropCollection & replivec.v1.DropCollection.$Shape} DropCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.DropCollection & replivec.v1.DropCollection.$Shape;
        }

        namespace DropCollection {

            /** Properties of a DropCollection. */
            interface $Properties {

                /** DropCollection collection */
                collection?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DropCollection. */
            type $Shape = replivec.v1.DropCollection.$Properties;
        }

        /**
         * Properties of a StoreState.
         * @deprecated Use replivec.v1.StoreState.$Properties instead.
         */
        interface IStoreState extends replivec.v1.StoreState.$Properties {
        }

        /** Represents a StoreState. */
        class StoreState {

            /**
             * Constructs a new StoreState.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.StoreState.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StoreState format. */
            format: number;

            /** StoreState historyId. */
            historyId: string;

            /** StoreState nodeId. */
            nodeId: string;

            /** StoreState epochs. */
            epochs: replivec.v1.Epoch.$Properties[];

            /** StoreState parent. */
            parent?: (replivec.v1.Parent.$Properties|null);

            /** StoreState appliedEpoch. */
            appliedEpoch: number;

            /** StoreState appliedSeq. */
            appliedSeq: number;

            /**
             * Encodes the specified StoreState message. Does not implicitly {@link replivec.v1.StoreState.verify|verify} messages.
             * @param message StoreState message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.StoreState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StoreState message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.StoreState & replivec.v1.StoreState.$Shape} StoreState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.StoreState & replivec.v1.StoreState.$Shape;
        }

        namespace StoreState {

            /** Properties of a StoreState. */
            interface $Properties {

                /** StoreState format */
                format?: (number|null);

                /** StoreState historyId */
                historyId?: (string|null);

                /** StoreState nodeId */
                nodeId?: (string|null);

                /** StoreState epochs */
                epochs?: (replivec.v1.Epoch.$Properties[]|null);

                /** StoreState parent */
                parent?: (replivec.v1.Parent.$Properties|null);

                /** StoreState appliedEpoch */
                appliedEpoch?: (number|null);

                /** StoreState appliedSeq */
                appliedSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StoreState. */
            type $Shape = replivec.v1.StoreState.$Properties;
        }

        /**
         * Properties of a StoredCollection.
         * @deprecated Use replivec.v1.StoredCollection.$Properties instead.
         */
        interface IStoredCollection extends replivec.v1.StoredCollection.$Properties {
        }

        /** Represents a StoredCollection. */
        class StoredCollection {

            /**
             * Constructs a new StoredCollection.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.StoredCollection.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StoredCollection name. */
            name: string;

            /** StoredCollection dimensions. */
            dimensions: number;

            /** StoredCollection metric. */
            metric: string;

            /** StoredCollection backend. */
            backend: string;

            /** StoredCollection fields. */
            fields: replivec.v1.StoredField.$Properties[];

            /** StoredCollection nextField. */
            nextField: number;

            /** StoredCollection dropped. */
            dropped: boolean;

            /** StoredCollection retiredFields. */
            retiredFields: number[];

            /**
             * Encodes the specified StoredCollection message. Does not implicitly {@link replivec.v1.StoredCollection.verify|verify} messages.
             * @param message StoredCollection message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.StoredCollection.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StoredCollection message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.StoredCollection & replivec.v1.StoredCollection.$Shape} StoredCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.StoredCollection & replivec.v1.StoredCollection.$Shape;
        }

        namespace StoredCollection {

            /** Properties of a StoredCollection. */
            interface $Properties {

                /** StoredCollection name */
                name?: (string|null);

                /** StoredCollection dimensions */
                dimensions?: (number|null);

                /** StoredCollection metric */
                metric?: (string|null);

                /** StoredCollection backend */
                backend?: (string|null);

                /** StoredCollection fields */
                fields?: (replivec.v1.StoredField.$Properties[]|null);

                /** StoredCollection nextField */
                nextField?: (number|null);

                /** StoredCollection dropped */
                dropped?: (boolean|null);

                /** StoredCollection retiredFields */
                retiredFields?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StoredCollection. */
            type $Shape = replivec.v1.StoredCollection.$Properties;
        }

        /**
         * Properties of a StoredField.
         * @deprecated Use replivec.v1.StoredField.$Properties instead.
         */
        interface IStoredField extends replivec.v1.StoredField.$Properties {
        }

        /** Represents a StoredField. */
        class StoredField {

            /**
             * Constructs a new StoredField.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.StoredField.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StoredField path. */
            path: string;

            /** StoredField field. */
            field: number;

            /** StoredField builtBelow. */
            builtBelow: number;

            /** StoredField ready. */
            ready: boolean;

            /**
             * Encodes the specified StoredField message. Does not implicitly {@link replivec.v1.StoredField.verify|verify} messages.
             * @param message StoredField message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.StoredField.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StoredField message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.StoredField & replivec.v1.StoredField.$Shape} StoredField
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.StoredField & replivec.v1.StoredField.$Shape;
        }

        namespace StoredField {

            /** Properties of a StoredField. */
            interface $Properties {

                /** StoredField path */
                path?: (string|null);

                /** StoredField field */
                field?: (number|null);

                /** StoredField builtBelow */
                builtBelow?: (number|null);

                /** StoredField ready */
                ready?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StoredField. */
            type $Shape = replivec.v1.StoredField.$Properties;
        }

        /**
         * Properties of a StoredRecord.
         * @deprecated Use replivec.v1.StoredRecord.$Properties instead.
         */
        interface IStoredRecord extends replivec.v1.StoredRecord.$Properties {
        }

        /** Represents a StoredRecord. */
        class StoredRecord {

            /**
             * Constructs a new StoredRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.StoredRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StoredRecord id. */
            id: string;

            /** StoredRecord seq. */
            seq: number;

            /** StoredRecord metadata. */
            metadata: string;

            /** StoredRecord version. */
            version?: (replivec.v1.Version.$Properties|null);

            /**
             * Encodes the specified StoredRecord message. Does not implicitly {@link replivec.v1.StoredRecord.verify|verify} messages.
             * @param message StoredRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.StoredRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StoredRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.StoredRecord & replivec.v1.StoredRecord.$Shape} StoredRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.StoredRecord & replivec.v1.StoredRecord.$Shape;
        }

        namespace StoredRecord {

            /** Properties of a StoredRecord. */
            interface $Properties {

                /** StoredRecord id */
                id?: (string|null);

                /** StoredRecord seq */
                seq?: (number|null);

                /** StoredRecord metadata */
                metadata?: (string|null);

                /** StoredRecord version */
                version?: (replivec.v1.Version.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StoredRecord. */
            type $Shape = replivec.v1.StoredRecord.$Properties;
        }

        /**
         * Properties of a BackupHeader.
         * @deprecated Use replivec.v1.BackupHeader.$Properties instead.
         */
        interface IBackupHeader extends replivec.v1.BackupHeader.$Properties {
        }

        /** Represents a BackupHeader. */
        class BackupHeader {

            /**
             * Constructs a new BackupHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: replivec.v1.BackupHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BackupHeader format. */
            format: number;

            /** BackupHeader historyId. */
            historyId: string;

            /** BackupHeader nodeId. */
            nodeId: string;

            /** BackupHeader epoch. */
            epoch: number;

            /** BackupHeader seq. */
            seq: number;

            /** BackupHeader createdAtMs. */
            createdAtMs: number;

            /** BackupHeader entries. */
            entries: number;

            /**
             * Encodes the specified BackupHeader message. Does not implicitly {@link replivec.v1.BackupHeader.verify|verify} messages.
             * @param message BackupHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: replivec.v1.BackupHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BackupHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {replivec.v1.BackupHeader & replivec.v1.BackupHeader.$Shape} BackupHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.v1.BackupHeader & replivec.v1.BackupHeader.$Shape;
        }

        namespace BackupHeader {

            /** Properties of a BackupHeader. */
            interface $Properties {

                /** BackupHeader format */
                format?: (number|null);

                /** BackupHeader historyId */
                historyId?: (string|null);

                /** BackupHeader nodeId */
                nodeId?: (string|null);

                /** BackupHeader epoch */
                epoch?: (number|null);

                /** BackupHeader seq */
                seq?: (number|null);

                /** BackupHeader createdAtMs */
                createdAtMs?: (number|null);

                /** BackupHeader entries */
                entries?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BackupHeader. */
            type $Shape = replivec.v1.BackupHeader.$Properties;
        }
    }
}
