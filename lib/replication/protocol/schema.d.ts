// Generated from wire.proto by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";

/** Namespace replivec. */
export namespace replivec {

    /** Namespace wire. */
    namespace wire {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a Message.
             * @deprecated Use replivec.wire.v1.Message.$Properties instead.
             */
            interface IMessage extends replivec.wire.v1.Message.$Properties {
            }

            /** Represents a Message. */
            class Message {

                /**
                 * Constructs a new Message.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Message.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Message hello. */
                hello?: (replivec.wire.v1.Hello.$Properties|null);

                /** Message challenge. */
                challenge?: (replivec.wire.v1.Challenge.$Properties|null);

                /** Message proof. */
                proof?: (replivec.wire.v1.Proof.$Properties|null);

                /** Message place. */
                place?: (replivec.wire.v1.Place.$Properties|null);

                /** Message welcome. */
                welcome?: (replivec.wire.v1.Welcome.$Properties|null);

                /** Message operations. */
                operations?: (replivec.wire.v1.Operations.$Properties|null);

                /** Message ack. */
                ack?: (replivec.wire.v1.Ack.$Properties|null);

                /** Message heartbeat. */
                heartbeat?: (replivec.wire.v1.Heartbeat.$Properties|null);

                /** Message snapshotStart. */
                snapshotStart?: (replivec.wire.v1.SnapshotStart.$Properties|null);

                /** Message snapshotPiece. */
                snapshotPiece?: (replivec.wire.v1.SnapshotPiece.$Properties|null);

                /** Message refusal. */
                refusal?: (replivec.wire.v1.Refusal.$Properties|null);

                /** Message part. */
                part?: (replivec.wire.v1.Part.$Properties|null);

                /** Message packed. */
                packed?: (replivec.wire.v1.Packed.$Properties|null);

                /** Message kind. */
                kind?: ("hello"|"challenge"|"proof"|"place"|"welcome"|"operations"|"ack"|"heartbeat"|"snapshotStart"|"snapshotPiece"|"refusal"|"part"|"packed");

                /**
                 * Encodes the specified Message message. Does not implicitly {@link replivec.wire.v1.Message.verify|verify} messages.
                 * @param message Message message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Message.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Message message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Message & replivec.wire.v1.Message.$Shape} Message
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Message & replivec.wire.v1.Message.$Shape;
            }

            namespace Message {

                /** Properties of a Message. */
                interface $Properties {

                    /** Message hello */
                    hello?: (replivec.wire.v1.Hello.$Properties|null);

                    /** Message challenge */
                    challenge?: (replivec.wire.v1.Challenge.$Properties|null);

                    /** Message proof */
                    proof?: (replivec.wire.v1.Proof.$Properties|null);

                    /** Message place */
                    place?: (replivec.wire.v1.Place.$Properties|null);

                    /** Message welcome */
                    welcome?: (replivec.wire.v1.Welcome.$Properties|null);

                    /** Message operations */
                    operations?: (replivec.wire.v1.Operations.$Properties|null);

                    /** Message ack */
                    ack?: (replivec.wire.v1.Ack.$Properties|null);

                    /** Message heartbeat */
                    heartbeat?: (replivec.wire.v1.Heartbeat.$Properties|null);

                    /** Message snapshotStart */
                    snapshotStart?: (replivec.wire.v1.SnapshotStart.$Properties|null);

                    /** Message snapshotPiece */
                    snapshotPiece?: (replivec.wire.v1.SnapshotPiece.$Properties|null);

                    /** Message refusal */
                    refusal?: (replivec.wire.v1.Refusal.$Properties|null);

                    /** Message part */
                    part?: (replivec.wire.v1.Part.$Properties|null);

                    /** Message packed */
                    packed?: (replivec.wire.v1.Packed.$Properties|null);

                    /** Message kind */
                    kind?: ("hello"|"challenge"|"proof"|"place"|"welcome"|"operations"|"ack"|"heartbeat"|"snapshotStart"|"snapshotPiece"|"refusal"|"part"|"packed");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a Message. */
                type $Shape = {
                  hello?: replivec.wire.v1.Hello.$Shape|null;
                  challenge?: replivec.wire.v1.Challenge.$Shape|null;
                  proof?: replivec.wire.v1.Proof.$Shape|null;
                  place?: replivec.wire.v1.Place.$Shape|null;
                  welcome?: replivec.wire.v1.Welcome.$Shape|null;
                  operations?: replivec.wire.v1.Operations.$Shape|null;
                  ack?: replivec.wire.v1.Ack.$Shape|null;
                  heartbeat?: replivec.wire.v1.Heartbeat.$Shape|null;
                  snapshotStart?: replivec.wire.v1.SnapshotStart.$Shape|null;
                  snapshotPiece?: replivec.wire.v1.SnapshotPiece.$Shape|null;
                  refusal?: replivec.wire.v1.Refusal.$Shape|null;
                  part?: replivec.wire.v1.Part.$Shape|null;
                  packed?: replivec.wire.v1.Packed.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ kind?: undefined; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "hello"; hello: replivec.wire.v1.Hello.$Shape; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "challenge"; hello?: null; challenge: replivec.wire.v1.Challenge.$Shape; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "proof"; hello?: null; challenge?: null; proof: replivec.wire.v1.Proof.$Shape; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "place"; hello?: null; challenge?: null; proof?: null; place: replivec.wire.v1.Place.$Shape; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "welcome"; hello?: null; challenge?: null; proof?: null; place?: null; welcome: replivec.wire.v1.Welcome.$Shape; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "operations"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations: replivec.wire.v1.Operations.$Shape; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "ack"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack: replivec.wire.v1.Ack.$Shape; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "heartbeat"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat: replivec.wire.v1.Heartbeat.$Shape; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "snapshotStart"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart: replivec.wire.v1.SnapshotStart.$Shape; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "snapshotPiece"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece: replivec.wire.v1.SnapshotPiece.$Shape; refusal?: null; part?: null; packed?: null }|{ kind?: "refusal"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal: replivec.wire.v1.Refusal.$Shape; part?: null; packed?: null }|{ kind?: "part"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part: replivec.wire.v1.Part.$Shape; packed?: null }|{ kind?: "packed"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed: replivec.wire.v1.Packed.$Shape })
                );
            }

            /**
             * Properties of a Hello.
             * @deprecated Use replivec.wire.v1.Hello.$Properties instead.
             */
            interface IHello extends replivec.wire.v1.Hello.$Properties {
            }

            /** Represents a Hello. */
            class Hello {

                /**
                 * Constructs a new Hello.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Hello.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Hello versions. */
                versions: number[];

                /** Hello codecs. */
                codecs: string[];

                /** Hello nodeId. */
                nodeId: string;

                /** Hello clusterId. */
                clusterId: string;

                /** Hello nonce. */
                nonce: Uint8Array;

                /** Hello keyId. */
                keyId: string;

                /** Hello role. */
                role: string;

                /** Hello instanceId. */
                instanceId: string;

                /** Hello frameCodes. */
                frameCodes: boolean;

                /**
                 * Encodes the specified Hello message. Does not implicitly {@link replivec.wire.v1.Hello.verify|verify} messages.
                 * @param message Hello message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Hello message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Hello & replivec.wire.v1.Hello.$Shape} Hello
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Hello & replivec.wire.v1.Hello.$Shape;
            }

            namespace Hello {

                /** Properties of a Hello. */
                interface $Properties {

                    /** Hello versions */
                    versions?: (number[]|null);

                    /** Hello codecs */
                    codecs?: (string[]|null);

                    /** Hello nodeId */
                    nodeId?: (string|null);

                    /** Hello clusterId */
                    clusterId?: (string|null);

                    /** Hello nonce */
                    nonce?: (Uint8Array|null);

                    /** Hello keyId */
                    keyId?: (string|null);

                    /** Hello role */
                    role?: (string|null);

                    /** Hello instanceId */
                    instanceId?: (string|null);

                    /** Hello frameCodes */
                    frameCodes?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Hello. */
                type $Shape = replivec.wire.v1.Hello.$Properties;
            }

            /**
             * Properties of a Challenge.
             * @deprecated Use replivec.wire.v1.Challenge.$Properties instead.
             */
            interface IChallenge extends replivec.wire.v1.Challenge.$Properties {
            }

            /** Represents a Challenge. */
            class Challenge {

                /**
                 * Constructs a new Challenge.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Challenge.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Challenge version. */
                version: number;

                /** Challenge codec. */
                codec: string;

                /** Challenge nodeId. */
                nodeId: string;

                /** Challenge clusterId. */
                clusterId: string;

                /** Challenge nonce. */
                nonce: Uint8Array;

                /** Challenge proof. */
                proof: Uint8Array;

                /** Challenge frameCodes. */
                frameCodes: boolean;

                /**
                 * Encodes the specified Challenge message. Does not implicitly {@link replivec.wire.v1.Challenge.verify|verify} messages.
                 * @param message Challenge message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Challenge.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Challenge message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Challenge & replivec.wire.v1.Challenge.$Shape} Challenge
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Challenge & replivec.wire.v1.Challenge.$Shape;
            }

            namespace Challenge {

                /** Properties of a Challenge. */
                interface $Properties {

                    /** Challenge version */
                    version?: (number|null);

                    /** Challenge codec */
                    codec?: (string|null);

                    /** Challenge nodeId */
                    nodeId?: (string|null);

                    /** Challenge clusterId */
                    clusterId?: (string|null);

                    /** Challenge nonce */
                    nonce?: (Uint8Array|null);

                    /** Challenge proof */
                    proof?: (Uint8Array|null);

                    /** Challenge frameCodes */
                    frameCodes?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Challenge. */
                type $Shape = replivec.wire.v1.Challenge.$Properties;
            }

            /**
             * Properties of a Proof.
             * @deprecated Use replivec.wire.v1.Proof.$Properties instead.
             */
            interface IProof extends replivec.wire.v1.Proof.$Properties {
            }

            /** Represents a Proof. */
            class Proof {

                /**
                 * Constructs a new Proof.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Proof.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Proof proof. */
                proof: Uint8Array;

                /**
                 * Encodes the specified Proof message. Does not implicitly {@link replivec.wire.v1.Proof.verify|verify} messages.
                 * @param message Proof message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Proof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Proof message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Proof & replivec.wire.v1.Proof.$Shape} Proof
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Proof & replivec.wire.v1.Proof.$Shape;
            }

            namespace Proof {

                /** Properties of a Proof. */
                interface $Properties {

                    /** Proof proof */
                    proof?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Proof. */
                type $Shape = replivec.wire.v1.Proof.$Properties;
            }

            /**
             * Properties of a Place.
             * @deprecated Use replivec.wire.v1.Place.$Properties instead.
             */
            interface IPlace extends replivec.wire.v1.Place.$Properties {
            }

            /** Represents a Place. */
            class Place {

                /**
                 * Constructs a new Place.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Place.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Place historyId. */
                historyId: string;

                /** Place epochs. */
                epochs: replivec.wire.v1.Epoch.$Properties[];

                /** Place epoch. */
                epoch: number;

                /** Place seq. */
                seq: number;

                /** Place snapshotId. */
                snapshotId: string;

                /** Place snapshotBytes. */
                snapshotBytes: number;

                /** Place resync. */
                resync: boolean;

                /**
                 * Encodes the specified Place message. Does not implicitly {@link replivec.wire.v1.Place.verify|verify} messages.
                 * @param message Place message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Place.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Place message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Place & replivec.wire.v1.Place.$Shape} Place
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Place & replivec.wire.v1.Place.$Shape;
            }

            namespace Place {

                /** Properties of a Place. */
                interface $Properties {

                    /** Place historyId */
                    historyId?: (string|null);

                    /** Place epochs */
                    epochs?: (replivec.wire.v1.Epoch.$Properties[]|null);

                    /** Place epoch */
                    epoch?: (number|null);

                    /** Place seq */
                    seq?: (number|null);

                    /** Place snapshotId */
                    snapshotId?: (string|null);

                    /** Place snapshotBytes */
                    snapshotBytes?: (number|null);

                    /** Place resync */
                    resync?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Place. */
                type $Shape = replivec.wire.v1.Place.$Properties;
            }

            /**
             * Properties of an Epoch.
             * @deprecated Use replivec.wire.v1.Epoch.$Properties instead.
             */
            interface IEpoch extends replivec.wire.v1.Epoch.$Properties {
            }

            /** Represents an Epoch. */
            class Epoch {

                /**
                 * Constructs a new Epoch.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Epoch.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Epoch epoch. */
                epoch: number;

                /** Epoch nodeId. */
                nodeId: string;

                /** Epoch firstSeq. */
                firstSeq: number;

                /**
                 * Encodes the specified Epoch message. Does not implicitly {@link replivec.wire.v1.Epoch.verify|verify} messages.
                 * @param message Epoch message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Epoch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Epoch message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Epoch & replivec.wire.v1.Epoch.$Shape} Epoch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Epoch & replivec.wire.v1.Epoch.$Shape;
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
                type $Shape = replivec.wire.v1.Epoch.$Properties;
            }

            /**
             * Properties of a Welcome.
             * @deprecated Use replivec.wire.v1.Welcome.$Properties instead.
             */
            interface IWelcome extends replivec.wire.v1.Welcome.$Properties {
            }

            /** Represents a Welcome. */
            class Welcome {

                /**
                 * Constructs a new Welcome.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Welcome.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Welcome historyId. */
                historyId: string;

                /** Welcome epochs. */
                epochs: replivec.wire.v1.Epoch.$Properties[];

                /** Welcome parent. */
                parent?: (replivec.wire.v1.Parent.$Properties|null);

                /** Welcome fromSeq. */
                fromSeq: number;

                /** Welcome snapshotReason. */
                snapshotReason: string;

                /** Welcome headEpoch. */
                headEpoch: number;

                /** Welcome headSeq. */
                headSeq: number;

                /** Welcome windowBytes. */
                windowBytes: number;

                /** Welcome heartbeatIntervalMs. */
                heartbeatIntervalMs: number;

                /** Welcome sentAtMs. */
                sentAtMs: number;

                /** Welcome sent. */
                sent: number;

                /**
                 * Encodes the specified Welcome message. Does not implicitly {@link replivec.wire.v1.Welcome.verify|verify} messages.
                 * @param message Welcome message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Welcome message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Welcome & replivec.wire.v1.Welcome.$Shape} Welcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Welcome & replivec.wire.v1.Welcome.$Shape;
            }

            namespace Welcome {

                /** Properties of a Welcome. */
                interface $Properties {

                    /** Welcome historyId */
                    historyId?: (string|null);

                    /** Welcome epochs */
                    epochs?: (replivec.wire.v1.Epoch.$Properties[]|null);

                    /** Welcome parent */
                    parent?: (replivec.wire.v1.Parent.$Properties|null);

                    /** Welcome fromSeq */
                    fromSeq?: (number|null);

                    /** Welcome snapshotReason */
                    snapshotReason?: (string|null);

                    /** Welcome headEpoch */
                    headEpoch?: (number|null);

                    /** Welcome headSeq */
                    headSeq?: (number|null);

                    /** Welcome windowBytes */
                    windowBytes?: (number|null);

                    /** Welcome heartbeatIntervalMs */
                    heartbeatIntervalMs?: (number|null);

                    /** Welcome sentAtMs */
                    sentAtMs?: (number|null);

                    /** Welcome sent */
                    sent?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Welcome. */
                type $Shape = replivec.wire.v1.Welcome.$Properties;
            }

            /**
             * Properties of a Parent.
             * @deprecated Use replivec.wire.v1.Parent.$Properties instead.
             */
            interface IParent extends replivec.wire.v1.Parent.$Properties {
            }

            /** Represents a Parent. */
            class Parent {

                /**
                 * Constructs a new Parent.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Parent.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Parent historyId. */
                historyId: string;

                /** Parent epoch. */
                epoch: number;

                /** Parent seq. */
                seq: number;

                /**
                 * Encodes the specified Parent message. Does not implicitly {@link replivec.wire.v1.Parent.verify|verify} messages.
                 * @param message Parent message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Parent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Parent message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Parent & replivec.wire.v1.Parent.$Shape} Parent
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Parent & replivec.wire.v1.Parent.$Shape;
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
                type $Shape = replivec.wire.v1.Parent.$Properties;
            }

            /**
             * Properties of an Operations.
             * @deprecated Use replivec.wire.v1.Operations.$Properties instead.
             */
            interface IOperations extends replivec.wire.v1.Operations.$Properties {
            }

            /** Represents an Operations. */
            class Operations {

                /**
                 * Constructs a new Operations.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Operations.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Operations firstSeq. */
                firstSeq: number;

                /** Operations lastSeq. */
                lastSeq: number;

                /** Operations headSeq. */
                headSeq: number;

                /** Operations sentAtMs. */
                sentAtMs: number;

                /** Operations durable. */
                durable: boolean;

                /** Operations received. */
                received: boolean;

                /** Operations frames. */
                frames: Uint8Array;

                /**
                 * Encodes the specified Operations message. Does not implicitly {@link replivec.wire.v1.Operations.verify|verify} messages.
                 * @param message Operations message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Operations.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Operations message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Operations & replivec.wire.v1.Operations.$Shape} Operations
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Operations & replivec.wire.v1.Operations.$Shape;
            }

            namespace Operations {

                /** Properties of an Operations. */
                interface $Properties {

                    /** Operations firstSeq */
                    firstSeq?: (number|null);

                    /** Operations lastSeq */
                    lastSeq?: (number|null);

                    /** Operations headSeq */
                    headSeq?: (number|null);

                    /** Operations sentAtMs */
                    sentAtMs?: (number|null);

                    /** Operations durable */
                    durable?: (boolean|null);

                    /** Operations received */
                    received?: (boolean|null);

                    /** Operations frames */
                    frames?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Operations. */
                type $Shape = replivec.wire.v1.Operations.$Properties;
            }

            /**
             * Properties of an Ack.
             * @deprecated Use replivec.wire.v1.Ack.$Properties instead.
             */
            interface IAck extends replivec.wire.v1.Ack.$Properties {
            }

            /** Represents an Ack. */
            class Ack {

                /**
                 * Constructs a new Ack.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Ack.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ack receivedSeq. */
                receivedSeq: number;

                /** Ack durableSeq. */
                durableSeq: number;

                /** Ack appliedSeq. */
                appliedSeq: number;

                /** Ack snapshotBytes. */
                snapshotBytes: number;

                /** Ack question. */
                question: number;

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link replivec.wire.v1.Ack.verify|verify} messages.
                 * @param message Ack message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Ack & replivec.wire.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Ack & replivec.wire.v1.Ack.$Shape;
            }

            namespace Ack {

                /** Properties of an Ack. */
                interface $Properties {

                    /** Ack receivedSeq */
                    receivedSeq?: (number|null);

                    /** Ack durableSeq */
                    durableSeq?: (number|null);

                    /** Ack appliedSeq */
                    appliedSeq?: (number|null);

                    /** Ack snapshotBytes */
                    snapshotBytes?: (number|null);

                    /** Ack question */
                    question?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Ack. */
                type $Shape = replivec.wire.v1.Ack.$Properties;
            }

            /**
             * Properties of a Heartbeat.
             * @deprecated Use replivec.wire.v1.Heartbeat.$Properties instead.
             */
            interface IHeartbeat extends replivec.wire.v1.Heartbeat.$Properties {
            }

            /** Represents a Heartbeat. */
            class Heartbeat {

                /**
                 * Constructs a new Heartbeat.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Heartbeat.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Heartbeat headEpoch. */
                headEpoch: number;

                /** Heartbeat headSeq. */
                headSeq: number;

                /** Heartbeat sentAtMs. */
                sentAtMs: number;

                /** Heartbeat unsentSinceMs. */
                unsentSinceMs: number;

                /** Heartbeat answer. */
                answer: number;

                /** Heartbeat sent. */
                sent: number;

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link replivec.wire.v1.Heartbeat.verify|verify} messages.
                 * @param message Heartbeat message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Heartbeat & replivec.wire.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Heartbeat & replivec.wire.v1.Heartbeat.$Shape;
            }

            namespace Heartbeat {

                /** Properties of a Heartbeat. */
                interface $Properties {

                    /** Heartbeat headEpoch */
                    headEpoch?: (number|null);

                    /** Heartbeat headSeq */
                    headSeq?: (number|null);

                    /** Heartbeat sentAtMs */
                    sentAtMs?: (number|null);

                    /** Heartbeat unsentSinceMs */
                    unsentSinceMs?: (number|null);

                    /** Heartbeat answer */
                    answer?: (number|null);

                    /** Heartbeat sent */
                    sent?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Heartbeat. */
                type $Shape = replivec.wire.v1.Heartbeat.$Properties;
            }

            /**
             * Properties of a SnapshotStart.
             * @deprecated Use replivec.wire.v1.SnapshotStart.$Properties instead.
             */
            interface ISnapshotStart extends replivec.wire.v1.SnapshotStart.$Properties {
            }

            /** Represents a SnapshotStart. */
            class SnapshotStart {

                /**
                 * Constructs a new SnapshotStart.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.SnapshotStart.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SnapshotStart snapshotId. */
                snapshotId: string;

                /** SnapshotStart epoch. */
                epoch: number;

                /** SnapshotStart seq. */
                seq: number;

                /** SnapshotStart fromByte. */
                fromByte: number;

                /**
                 * Encodes the specified SnapshotStart message. Does not implicitly {@link replivec.wire.v1.SnapshotStart.verify|verify} messages.
                 * @param message SnapshotStart message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.SnapshotStart.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SnapshotStart message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.SnapshotStart & replivec.wire.v1.SnapshotStart.$Shape} SnapshotStart
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.SnapshotStart & replivec.wire.v1.SnapshotStart.$Shape;
            }

            namespace SnapshotStart {

                /** Properties of a SnapshotStart. */
                interface $Properties {

                    /** SnapshotStart snapshotId */
                    snapshotId?: (string|null);

                    /** SnapshotStart epoch */
                    epoch?: (number|null);

                    /** SnapshotStart seq */
                    seq?: (number|null);

                    /** SnapshotStart fromByte */
                    fromByte?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SnapshotStart. */
                type $Shape = replivec.wire.v1.SnapshotStart.$Properties;
            }

            /**
             * Properties of a SnapshotPiece.
             * @deprecated Use replivec.wire.v1.SnapshotPiece.$Properties instead.
             */
            interface ISnapshotPiece extends replivec.wire.v1.SnapshotPiece.$Properties {
            }

            /** Represents a SnapshotPiece. */
            class SnapshotPiece {

                /**
                 * Constructs a new SnapshotPiece.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.SnapshotPiece.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SnapshotPiece atByte. */
                atByte: number;

                /** SnapshotPiece bytes. */
                bytes: Uint8Array;

                /** SnapshotPiece sentAtMs. */
                sentAtMs: number;

                /** SnapshotPiece headSeq. */
                headSeq: number;

                /** SnapshotPiece last. */
                last: boolean;

                /**
                 * Encodes the specified SnapshotPiece message. Does not implicitly {@link replivec.wire.v1.SnapshotPiece.verify|verify} messages.
                 * @param message SnapshotPiece message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.SnapshotPiece.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SnapshotPiece message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.SnapshotPiece & replivec.wire.v1.SnapshotPiece.$Shape} SnapshotPiece
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.SnapshotPiece & replivec.wire.v1.SnapshotPiece.$Shape;
            }

            namespace SnapshotPiece {

                /** Properties of a SnapshotPiece. */
                interface $Properties {

                    /** SnapshotPiece atByte */
                    atByte?: (number|null);

                    /** SnapshotPiece bytes */
                    bytes?: (Uint8Array|null);

                    /** SnapshotPiece sentAtMs */
                    sentAtMs?: (number|null);

                    /** SnapshotPiece headSeq */
                    headSeq?: (number|null);

                    /** SnapshotPiece last */
                    last?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SnapshotPiece. */
                type $Shape = replivec.wire.v1.SnapshotPiece.$Properties;
            }

            /**
             * Properties of a Refusal.
             * @deprecated Use replivec.wire.v1.Refusal.$Properties instead.
             */
            interface IRefusal extends replivec.wire.v1.Refusal.$Properties {
            }

            /** Represents a Refusal. */
            class Refusal {

                /**
                 * Constructs a new Refusal.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Refusal.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Refusal code. */
                code: string;

                /** Refusal reason. */
                reason: string;

                /** Refusal message. */
                message: string;

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link replivec.wire.v1.Refusal.verify|verify} messages.
                 * @param message Refusal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Refusal & replivec.wire.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Refusal & replivec.wire.v1.Refusal.$Shape;
            }

            namespace Refusal {

                /** Properties of a Refusal. */
                interface $Properties {

                    /** Refusal code */
                    code?: (string|null);

                    /** Refusal reason */
                    reason?: (string|null);

                    /** Refusal message */
                    message?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Refusal. */
                type $Shape = replivec.wire.v1.Refusal.$Properties;
            }

            /**
             * Properties of a Packed.
             * @deprecated Use replivec.wire.v1.Packed.$Properties instead.
             */
            interface IPacked extends replivec.wire.v1.Packed.$Properties {
            }

            /** Represents a Packed. */
            class Packed {

                /**
                 * Constructs a new Packed.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Packed.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Packed rest. */
                rest: Uint8Array;

                /** Packed plainBytes. */
                plainBytes: number;

                /** Packed vectors. */
                vectors: Uint8Array;

                /**
                 * Encodes the specified Packed message. Does not implicitly {@link replivec.wire.v1.Packed.verify|verify} messages.
                 * @param message Packed message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Packed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Packed message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Packed & replivec.wire.v1.Packed.$Shape} Packed
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Packed & replivec.wire.v1.Packed.$Shape;
            }

            namespace Packed {

                /** Properties of a Packed. */
                interface $Properties {

                    /** Packed rest */
                    rest?: (Uint8Array|null);

                    /** Packed plainBytes */
                    plainBytes?: (number|null);

                    /** Packed vectors */
                    vectors?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Packed. */
                type $Shape = replivec.wire.v1.Packed.$Properties;
            }

            /**
             * Properties of a Part.
             * @deprecated Use replivec.wire.v1.Part.$Properties instead.
             */
            interface IPart extends replivec.wire.v1.Part.$Properties {
            }

            /** Represents a Part. */
            class Part {

                /**
                 * Constructs a new Part.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: replivec.wire.v1.Part.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Part bytes. */
                bytes: Uint8Array;

                /** Part last. */
                last: boolean;

                /**
                 * Encodes the specified Part message. Does not implicitly {@link replivec.wire.v1.Part.verify|verify} messages.
                 * @param message Part message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: replivec.wire.v1.Part.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Part message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Part & replivec.wire.v1.Part.$Shape} Part
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): replivec.wire.v1.Part & replivec.wire.v1.Part.$Shape;
            }

            namespace Part {

                /** Properties of a Part. */
                interface $Properties {

                    /** Part bytes */
                    bytes?: (Uint8Array|null);

                    /** Part last */
                    last?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Part. */
                type $Shape = replivec.wire.v1.Part.$Properties;
            }
        }
    }
}
