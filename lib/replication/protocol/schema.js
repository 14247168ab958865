// Generated from wire.proto by `npm run generate`. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// A 64-bit value as a number; one that would lose digits is damage.
const $number = (value) => {
    const number = typeof value === "object" ? value.toNumber() : value;
    if (!Number.isSafeInteger(number))
        throw $RangeError("64-bit value " + value + " is not a safe integer");
    return number;
};

// Exported root namespace
const $root = $protobuf.roots["replivec.wire.v1"] || ($protobuf.roots["replivec.wire.v1"] = {});

export const replivec = $root.replivec = (() => {

    /**
     * Namespace replivec.
     * @exports replivec
     * @namespace
     */
    const replivec = {};

    replivec.wire = (function() {

        /**
         * Namespace wire.
         * @memberof replivec
         * @namespace
         */
        const wire = {};

        wire.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof replivec.wire
             * @namespace
             */
            const v1 = {};

            v1.Message = (function() {

                /**
                 * Properties of a Message.
                 * @typedef {Object} replivec.wire.v1.Message.$Properties
                 * @property {replivec.wire.v1.Hello.$Properties|null} [hello] Message hello
                 * @property {replivec.wire.v1.Challenge.$Properties|null} [challenge] Message challenge
                 * @property {replivec.wire.v1.Proof.$Properties|null} [proof] Message proof
                 * @property {replivec.wire.v1.Place.$Properties|null} [place] Message place
                 * @property {replivec.wire.v1.Welcome.$Properties|null} [welcome] Message welcome
                 * @property {replivec.wire.v1.Operations.$Properties|null} [operations] Message operations
                 * @property {replivec.wire.v1.Ack.$Properties|null} [ack] Message ack
                 * @property {replivec.wire.v1.Heartbeat.$Properties|null} [heartbeat] Message heartbeat
                 * @property {replivec.wire.v1.SnapshotStart.$Properties|null} [snapshotStart] Message snapshotStart
                 * @property {replivec.wire.v1.SnapshotPiece.$Properties|null} [snapshotPiece] Message snapshotPiece
                 * @property {replivec.wire.v1.Refusal.$Properties|null} [refusal] Message refusal
                 * @property {replivec.wire.v1.Part.$Properties|null} [part] Message part
                 * @property {replivec.wire.v1.Packed.$Properties|null} [packed] Message packed
                 * @property {"hello"|"challenge"|"proof"|"place"|"welcome"|"operations"|"ack"|"heartbeat"|"snapshotStart"|"snapshotPiece"|"refusal"|"part"|"packed"} [kind] Message kind
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Message.
                 * @memberof replivec.wire.v1
                 * @interface IMessage
                 * @augments replivec.wire.v1.Message.$Properties
                 * @deprecated Use replivec.wire.v1.Message.$Properties instead.
                 */

                /**
                 * Narrowed shape of a Message.
                 * @typedef {{
                 *   hello?: replivec.wire.v1.Hello.$Shape|null;
                 *   challenge?: replivec.wire.v1.Challenge.$Shape|null;
                 *   proof?: replivec.wire.v1.Proof.$Shape|null;
                 *   place?: replivec.wire.v1.Place.$Shape|null;
                 *   welcome?: replivec.wire.v1.Welcome.$Shape|null;
                 *   operations?: replivec.wire.v1.Operations.$Shape|null;
                 *   ack?: replivec.wire.v1.Ack.$Shape|null;
                 *   heartbeat?: replivec.wire.v1.Heartbeat.$Shape|null;
                 *   snapshotStart?: replivec.wire.v1.SnapshotStart.$Shape|null;
                 *   snapshotPiece?: replivec.wire.v1.SnapshotPiece.$Shape|null;
                 *   refusal?: replivec.wire.v1.Refusal.$Shape|null;
                 *   part?: replivec.wire.v1.Part.$Shape|null;
                 *   packed?: replivec.wire.v1.Packed.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ kind?: undefined; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "hello"; hello: replivec.wire.v1.Hello.$Shape; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "challenge"; hello?: null; challenge: replivec.wire.v1.Challenge.$Shape; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "proof"; hello?: null; challenge?: null; proof: replivec.wire.v1.Proof.$Shape; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "place"; hello?: null; challenge?: null; proof?: null; place: replivec.wire.v1.Place.$Shape; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "welcome"; hello?: null; challenge?: null; proof?: null; place?: null; welcome: replivec.wire.v1.Welcome.$Shape; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "operations"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations: replivec.wire.v1.Operations.$Shape; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "ack"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack: replivec.wire.v1.Ack.$Shape; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "heartbeat"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat: replivec.wire.v1.Heartbeat.$Shape; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "snapshotStart"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart: replivec.wire.v1.SnapshotStart.$Shape; snapshotPiece?: null; refusal?: null; part?: null; packed?: null }|{ kind?: "snapshotPiece"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece: replivec.wire.v1.SnapshotPiece.$Shape; refusal?: null; part?: null; packed?: null }|{ kind?: "refusal"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal: replivec.wire.v1.Refusal.$Shape; part?: null; packed?: null }|{ kind?: "part"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part: replivec.wire.v1.Part.$Shape; packed?: null }|{ kind?: "packed"; hello?: null; challenge?: null; proof?: null; place?: null; welcome?: null; operations?: null; ack?: null; heartbeat?: null; snapshotStart?: null; snapshotPiece?: null; refusal?: null; part?: null; packed: replivec.wire.v1.Packed.$Shape })
                 * )} replivec.wire.v1.Message.$Shape
                 */

                /**
                 * Constructs a new Message.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Message.
                 * @constructor
                 * @param {replivec.wire.v1.Message.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Message = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Message hello.
                 * @member {replivec.wire.v1.Hello.$Properties|null|undefined} hello
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.hello = null;

                /**
                 * Message challenge.
                 * @member {replivec.wire.v1.Challenge.$Properties|null|undefined} challenge
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.challenge = null;

                /**
                 * Message proof.
                 * @member {replivec.wire.v1.Proof.$Properties|null|undefined} proof
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.proof = null;

                /**
                 * Message place.
                 * @member {replivec.wire.v1.Place.$Properties|null|undefined} place
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.place = null;

                /**
                 * Message welcome.
                 * @member {replivec.wire.v1.Welcome.$Properties|null|undefined} welcome
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.welcome = null;

                /**
                 * Message operations.
                 * @member {replivec.wire.v1.Operations.$Properties|null|undefined} operations
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.operations = null;

                /**
                 * Message ack.
                 * @member {replivec.wire.v1.Ack.$Properties|null|undefined} ack
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.ack = null;

                /**
                 * Message heartbeat.
                 * @member {replivec.wire.v1.Heartbeat.$Properties|null|undefined} heartbeat
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.heartbeat = null;

                /**
                 * Message snapshotStart.
                 * @member {replivec.wire.v1.SnapshotStart.$Properties|null|undefined} snapshotStart
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.snapshotStart = null;

                /**
                 * Message snapshotPiece.
                 * @member {replivec.wire.v1.SnapshotPiece.$Properties|null|undefined} snapshotPiece
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.snapshotPiece = null;

                /**
                 * Message refusal.
                 * @member {replivec.wire.v1.Refusal.$Properties|null|undefined} refusal
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.refusal = null;

                /**
                 * Message part.
                 * @member {replivec.wire.v1.Part.$Properties|null|undefined} part
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.part = null;

                /**
                 * Message packed.
                 * @member {replivec.wire.v1.Packed.$Properties|null|undefined} packed
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                Message.prototype.packed = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * Message kind.
                 * @member {"hello"|"challenge"|"proof"|"place"|"welcome"|"operations"|"ack"|"heartbeat"|"snapshotStart"|"snapshotPiece"|"refusal"|"part"|"packed"|undefined} kind
                 * @memberof replivec.wire.v1.Message
                 * @instance
                 */
                $Object.defineProperty(Message.prototype, "kind", {
                    get: $util.oneOfGetter($oneOfFields = ["hello", "challenge", "proof", "place", "welcome", "operations", "ack", "heartbeat", "snapshotStart", "snapshotPiece", "refusal", "part", "packed"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified Message message. Does not implicitly {@link replivec.wire.v1.Message.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Message
                 * @static
                 * @param {replivec.wire.v1.Message.$Properties} message Message message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Message.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                        $root.replivec.wire.v1.Hello.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.challenge != null && $Object.hasOwnProperty.call(message, "challenge"))
                        $root.replivec.wire.v1.Challenge.encode(message.challenge, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.proof != null && $Object.hasOwnProperty.call(message, "proof"))
                        $root.replivec.wire.v1.Proof.encode(message.proof, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.place != null && $Object.hasOwnProperty.call(message, "place"))
                        $root.replivec.wire.v1.Place.encode(message.place, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                        $root.replivec.wire.v1.Welcome.encode(message.welcome, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.operations != null && $Object.hasOwnProperty.call(message, "operations"))
                        $root.replivec.wire.v1.Operations.encode(message.operations, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                        $root.replivec.wire.v1.Ack.encode(message.ack, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat"))
                        $root.replivec.wire.v1.Heartbeat.encode(message.heartbeat, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                    if (message.snapshotStart != null && $Object.hasOwnProperty.call(message, "snapshotStart"))
                        $root.replivec.wire.v1.SnapshotStart.encode(message.snapshotStart, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                    if (message.snapshotPiece != null && $Object.hasOwnProperty.call(message, "snapshotPiece"))
                        $root.replivec.wire.v1.SnapshotPiece.encode(message.snapshotPiece, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
                    if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal"))
                        $root.replivec.wire.v1.Refusal.encode(message.refusal, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
                    if (message.part != null && $Object.hasOwnProperty.call(message, "part"))
                        $root.replivec.wire.v1.Part.encode(message.part, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                    if (message.packed != null && $Object.hasOwnProperty.call(message, "packed"))
                        $root.replivec.wire.v1.Packed.encode(message.packed, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Message message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Message
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Message & replivec.wire.v1.Message.$Shape} Message
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Message.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Message();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.hello = $root.replivec.wire.v1.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                                message.kind = "hello";
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.challenge = $root.replivec.wire.v1.Challenge.decode(reader, reader.size(), $undefined, _depth + 1, message.challenge);
                                message.kind = "challenge";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.proof = $root.replivec.wire.v1.Proof.decode(reader, reader.size(), $undefined, _depth + 1, message.proof);
                                message.kind = "proof";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.place = $root.replivec.wire.v1.Place.decode(reader, reader.size(), $undefined, _depth + 1, message.place);
                                message.kind = "place";
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.welcome = $root.replivec.wire.v1.Welcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                                message.kind = "welcome";
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.operations = $root.replivec.wire.v1.Operations.decode(reader, reader.size(), $undefined, _depth + 1, message.operations);
                                message.kind = "operations";
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.ack = $root.replivec.wire.v1.Ack.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                                message.kind = "ack";
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                message.heartbeat = $root.replivec.wire.v1.Heartbeat.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeat);
                                message.kind = "heartbeat";
                                continue;
                            }
                        case 9: {
                                if (wireType !== 2)
                                    break;
                                message.snapshotStart = $root.replivec.wire.v1.SnapshotStart.decode(reader, reader.size(), $undefined, _depth + 1, message.snapshotStart);
                                message.kind = "snapshotStart";
                                continue;
                            }
                        case 10: {
                                if (wireType !== 2)
                                    break;
                                message.snapshotPiece = $root.replivec.wire.v1.SnapshotPiece.decode(reader, reader.size(), $undefined, _depth + 1, message.snapshotPiece);
                                message.kind = "snapshotPiece";
                                continue;
                            }
                        case 11: {
                                if (wireType !== 2)
                                    break;
                                message.refusal = $root.replivec.wire.v1.Refusal.decode(reader, reader.size(), $undefined, _depth + 1, message.refusal);
                                message.kind = "refusal";
                                continue;
                            }
                        case 12: {
                                if (wireType !== 2)
                                    break;
                                message.part = $root.replivec.wire.v1.Part.decode(reader, reader.size(), $undefined, _depth + 1, message.part);
                                message.kind = "part";
                                continue;
                            }
                        case 13: {
                                if (wireType !== 2)
                                    break;
                                message.packed = $root.replivec.wire.v1.Packed.decode(reader, reader.size(), $undefined, _depth + 1, message.packed);
                                message.kind = "packed";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Message;
            })();

            v1.Hello = (function() {

                /**
                 * Properties of a Hello.
                 * @typedef {Object} replivec.wire.v1.Hello.$Properties
                 * @property {Array.<number>|null} [versions] Hello versions
                 * @property {Array.<string>|null} [codecs] Hello codecs
                 * @property {string|null} [nodeId] Hello nodeId
                 * @property {string|null} [clusterId] Hello clusterId
                 * @property {Uint8Array|null} [nonce] Hello nonce
                 * @property {string|null} [keyId] Hello keyId
                 * @property {string|null} [role] Hello role
                 * @property {string|null} [instanceId] Hello instanceId
                 * @property {boolean|null} [frameCodes] Hello frameCodes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Hello.
                 * @memberof replivec.wire.v1
                 * @interface IHello
                 * @augments replivec.wire.v1.Hello.$Properties
                 * @deprecated Use replivec.wire.v1.Hello.$Properties instead.
                 */

                /**
                 * Shape of a Hello.
                 * @typedef {replivec.wire.v1.Hello.$Properties} replivec.wire.v1.Hello.$Shape
                 */

                /**
                 * Constructs a new Hello.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Hello.
                 * @constructor
                 * @param {replivec.wire.v1.Hello.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Hello = function (properties) {
                    this.versions = [];
                    this.codecs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Hello versions.
                 * @member {Array.<number>} versions
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.versions = $util.emptyArray;

                /**
                 * Hello codecs.
                 * @member {Array.<string>} codecs
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.codecs = $util.emptyArray;

                /**
                 * Hello nodeId.
                 * @member {string} nodeId
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.nodeId = "";

                /**
                 * Hello clusterId.
                 * @member {string} clusterId
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.clusterId = "";

                /**
                 * Hello nonce.
                 * @member {Uint8Array} nonce
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.nonce = $util.newBuffer([]);

                /**
                 * Hello keyId.
                 * @member {string} keyId
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.keyId = "";

                /**
                 * Hello role.
                 * @member {string} role
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.role = "";

                /**
                 * Hello instanceId.
                 * @member {string} instanceId
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.instanceId = "";

                /**
                 * Hello frameCodes.
                 * @member {boolean} frameCodes
                 * @memberof replivec.wire.v1.Hello
                 * @instance
                 */
                Hello.prototype.frameCodes = false;

                /**
                 * Encodes the specified Hello message. Does not implicitly {@link replivec.wire.v1.Hello.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Hello
                 * @static
                 * @param {replivec.wire.v1.Hello.$Properties} message Hello message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Hello.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.versions != null && message.versions.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).uint32s(message.versions);
                    if (message.codecs != null && message.codecs.length)
                        for (let i = 0; i < message.codecs.length; ++i)
                            writer.uint32(/* id 2, wireType 2 =*/18).string(message.codecs[i]);
                    if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.nodeId);
                    if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId") && message.clusterId !== "")
                        writer.uint32(/* id 4, wireType 2 =*/34).string(message.clusterId);
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && message.nonce.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.nonce);
                    if (message.keyId != null && $Object.hasOwnProperty.call(message, "keyId") && message.keyId !== "")
                        writer.uint32(/* id 6, wireType 2 =*/50).string(message.keyId);
                    if (message.role != null && $Object.hasOwnProperty.call(message, "role") && message.role !== "")
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.role);
                    if (message.instanceId != null && $Object.hasOwnProperty.call(message, "instanceId") && message.instanceId !== "")
                        writer.uint32(/* id 8, wireType 2 =*/66).string(message.instanceId);
                    if (message.frameCodes != null && $Object.hasOwnProperty.call(message, "frameCodes") && message.frameCodes !== false)
                        writer.uint32(/* id 9, wireType 0 =*/72).bool(message.frameCodes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Hello message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Hello
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Hello & replivec.wire.v1.Hello.$Shape} Hello
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Hello.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Hello();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType === 2) {
                                    if (!(message.versions && message.versions.length))
                                        message.versions = [];
                                    reader.uint32s(message.versions);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.versions && message.versions.length))
                                    message.versions = [];
                                message.versions.push(reader.uint32());
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.codecs && message.codecs.length))
                                    message.codecs = [];
                                message.codecs.push(reader.stringVerify());
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.nodeId = value;
                                else
                                    delete message.nodeId;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.clusterId = value;
                                else
                                    delete message.clusterId;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.keyId = value;
                                else
                                    delete message.keyId;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.role = value;
                                else
                                    delete message.role;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.instanceId = value;
                                else
                                    delete message.instanceId;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.frameCodes = value;
                                else
                                    delete message.frameCodes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Hello;
            })();

            v1.Challenge = (function() {

                /**
                 * Properties of a Challenge.
                 * @typedef {Object} replivec.wire.v1.Challenge.$Properties
                 * @property {number|null} [version] Challenge version
                 * @property {string|null} [codec] Challenge codec
                 * @property {string|null} [nodeId] Challenge nodeId
                 * @property {string|null} [clusterId] Challenge clusterId
                 * @property {Uint8Array|null} [nonce] Challenge nonce
                 * @property {Uint8Array|null} [proof] Challenge proof
                 * @property {boolean|null} [frameCodes] Challenge frameCodes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Challenge.
                 * @memberof replivec.wire.v1
                 * @interface IChallenge
                 * @augments replivec.wire.v1.Challenge.$Properties
                 * @deprecated Use replivec.wire.v1.Challenge.$Properties instead.
                 */

                /**
                 * Shape of a Challenge.
                 * @typedef {replivec.wire.v1.Challenge.$Properties} replivec.wire.v1.Challenge.$Shape
                 */

                /**
                 * Constructs a new Challenge.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Challenge.
                 * @constructor
                 * @param {replivec.wire.v1.Challenge.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Challenge = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Challenge version.
                 * @member {number} version
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.version = 0;

                /**
                 * Challenge codec.
                 * @member {string} codec
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.codec = "";

                /**
                 * Challenge nodeId.
                 * @member {string} nodeId
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.nodeId = "";

                /**
                 * Challenge clusterId.
                 * @member {string} clusterId
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.clusterId = "";

                /**
                 * Challenge nonce.
                 * @member {Uint8Array} nonce
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.nonce = $util.newBuffer([]);

                /**
                 * Challenge proof.
                 * @member {Uint8Array} proof
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.proof = $util.newBuffer([]);

                /**
                 * Challenge frameCodes.
                 * @member {boolean} frameCodes
                 * @memberof replivec.wire.v1.Challenge
                 * @instance
                 */
                Challenge.prototype.frameCodes = false;

                /**
                 * Encodes the specified Challenge message. Does not implicitly {@link replivec.wire.v1.Challenge.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Challenge
                 * @static
                 * @param {replivec.wire.v1.Challenge.$Properties} message Challenge message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Challenge.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
                    if (message.codec != null && $Object.hasOwnProperty.call(message, "codec") && message.codec !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.codec);
                    if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.nodeId);
                    if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId") && message.clusterId !== "")
                        writer.uint32(/* id 4, wireType 2 =*/34).string(message.clusterId);
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && message.nonce.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.nonce);
                    if (message.proof != null && $Object.hasOwnProperty.call(message, "proof") && message.proof.length)
                        writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.proof);
                    if (message.frameCodes != null && $Object.hasOwnProperty.call(message, "frameCodes") && message.frameCodes !== false)
                        writer.uint32(/* id 7, wireType 0 =*/56).bool(message.frameCodes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Challenge message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Challenge
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Challenge & replivec.wire.v1.Challenge.$Shape} Challenge
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Challenge.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Challenge();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.version = value;
                                else
                                    delete message.version;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.codec = value;
                                else
                                    delete message.codec;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.nodeId = value;
                                else
                                    delete message.nodeId;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.clusterId = value;
                                else
                                    delete message.clusterId;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.proof = value;
                                else
                                    delete message.proof;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.frameCodes = value;
                                else
                                    delete message.frameCodes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Challenge;
            })();

            v1.Proof = (function() {

                /**
                 * Properties of a Proof.
                 * @typedef {Object} replivec.wire.v1.Proof.$Properties
                 * @property {Uint8Array|null} [proof] Proof proof
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Proof.
                 * @memberof replivec.wire.v1
                 * @interface IProof
                 * @augments replivec.wire.v1.Proof.$Properties
                 * @deprecated Use replivec.wire.v1.Proof.$Properties instead.
                 */

                /**
                 * Shape of a Proof.
                 * @typedef {replivec.wire.v1.Proof.$Properties} replivec.wire.v1.Proof.$Shape
                 */

                /**
                 * Constructs a new Proof.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Proof.
                 * @constructor
                 * @param {replivec.wire.v1.Proof.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Proof = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Proof proof.
                 * @member {Uint8Array} proof
                 * @memberof replivec.wire.v1.Proof
                 * @instance
                 */
                Proof.prototype.proof = $util.newBuffer([]);

                /**
                 * Encodes the specified Proof message. Does not implicitly {@link replivec.wire.v1.Proof.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Proof
                 * @static
                 * @param {replivec.wire.v1.Proof.$Properties} message Proof message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Proof.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.proof != null && $Object.hasOwnProperty.call(message, "proof") && message.proof.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.proof);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Proof message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Proof
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Proof & replivec.wire.v1.Proof.$Shape} Proof
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Proof.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Proof();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.proof = value;
                                else
                                    delete message.proof;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Proof;
            })();

            v1.Place = (function() {

                /**
                 * Properties of a Place.
                 * @typedef {Object} replivec.wire.v1.Place.$Properties
                 * @property {string|null} [historyId] Place historyId
                 * @property {Array.<replivec.wire.v1.Epoch.$Properties>|null} [epochs] Place epochs
                 * @property {number|null} [epoch] Place epoch
                 * @property {number|null} [seq] Place seq
                 * @property {string|null} [snapshotId] Place snapshotId
                 * @property {number|null} [snapshotBytes] Place snapshotBytes
                 * @property {boolean|null} [resync] Place resync
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Place.
                 * @memberof replivec.wire.v1
                 * @interface IPlace
                 * @augments replivec.wire.v1.Place.$Properties
                 * @deprecated Use replivec.wire.v1.Place.$Properties instead.
                 */

                /**
                 * Shape of a Place.
                 * @typedef {replivec.wire.v1.Place.$Properties} replivec.wire.v1.Place.$Shape
                 */

                /**
                 * Constructs a new Place.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Place.
                 * @constructor
                 * @param {replivec.wire.v1.Place.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Place = function (properties) {
                    this.epochs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Place historyId.
                 * @member {string} historyId
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.historyId = "";

                /**
                 * Place epochs.
                 * @member {Array.<replivec.wire.v1.Epoch.$Properties>} epochs
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.epochs = $util.emptyArray;

                /**
                 * Place epoch.
                 * @member {number} epoch
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.epoch = 0;

                /**
                 * Place seq.
                 * @member {number} seq
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.seq = 0;

                /**
                 * Place snapshotId.
                 * @member {string} snapshotId
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.snapshotId = "";

                /**
                 * Place snapshotBytes.
                 * @member {number} snapshotBytes
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.snapshotBytes = 0;

                /**
                 * Place resync.
                 * @member {boolean} resync
                 * @memberof replivec.wire.v1.Place
                 * @instance
                 */
                Place.prototype.resync = false;

                /**
                 * Encodes the specified Place message. Does not implicitly {@link replivec.wire.v1.Place.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Place
                 * @static
                 * @param {replivec.wire.v1.Place.$Properties} message Place message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Place.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.historyId);
                    if (message.epochs != null && message.epochs.length)
                        for (let i = 0; i < message.epochs.length; ++i)
                            $root.replivec.wire.v1.Epoch.encode(message.epochs[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.epoch);
                    if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.seq);
                    if (message.snapshotId != null && $Object.hasOwnProperty.call(message, "snapshotId") && message.snapshotId !== "")
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.snapshotId);
                    if (message.snapshotBytes != null && $Object.hasOwnProperty.call(message, "snapshotBytes") && (typeof message.snapshotBytes === "object" ? message.snapshotBytes.low || message.snapshotBytes.high : message.snapshotBytes !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.snapshotBytes);
                    if (message.resync != null && $Object.hasOwnProperty.call(message, "resync") && message.resync !== false)
                        writer.uint32(/* id 7, wireType 0 =*/56).bool(message.resync);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Place message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Place
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Place & replivec.wire.v1.Place.$Shape} Place
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Place.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Place();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.historyId = value;
                                else
                                    delete message.historyId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.epochs && message.epochs.length))
                                    message.epochs = [];
                                message.epochs.push($root.replivec.wire.v1.Epoch.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.seq = value;
                                else
                                    delete message.seq;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.snapshotId = value;
                                else
                                    delete message.snapshotId;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.snapshotBytes = value;
                                else
                                    delete message.snapshotBytes;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.resync = value;
                                else
                                    delete message.resync;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Place;
            })();

            v1.Epoch = (function() {

                /**
                 * Properties of an Epoch.
                 * @typedef {Object} replivec.wire.v1.Epoch.$Properties
                 * @property {number|null} [epoch] Epoch epoch
                 * @property {string|null} [nodeId] Epoch nodeId
                 * @property {number|null} [firstSeq] Epoch firstSeq
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Epoch.
                 * @memberof replivec.wire.v1
                 * @interface IEpoch
                 * @augments replivec.wire.v1.Epoch.$Properties
                 * @deprecated Use replivec.wire.v1.Epoch.$Properties instead.
                 */

                /**
                 * Shape of an Epoch.
                 * @typedef {replivec.wire.v1.Epoch.$Properties} replivec.wire.v1.Epoch.$Shape
                 */

                /**
                 * Constructs a new Epoch.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents an Epoch.
                 * @constructor
                 * @param {replivec.wire.v1.Epoch.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Epoch = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Epoch epoch.
                 * @member {number} epoch
                 * @memberof replivec.wire.v1.Epoch
                 * @instance
                 */
                Epoch.prototype.epoch = 0;

                /**
                 * Epoch nodeId.
                 * @member {string} nodeId
                 * @memberof replivec.wire.v1.Epoch
                 * @instance
                 */
                Epoch.prototype.nodeId = "";

                /**
                 * Epoch firstSeq.
                 * @member {number} firstSeq
                 * @memberof replivec.wire.v1.Epoch
                 * @instance
                 */
                Epoch.prototype.firstSeq = 0;

                /**
                 * Encodes the specified Epoch message. Does not implicitly {@link replivec.wire.v1.Epoch.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Epoch
                 * @static
                 * @param {replivec.wire.v1.Epoch.$Properties} message Epoch message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Epoch.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.epoch);
                    if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.nodeId);
                    if (message.firstSeq != null && $Object.hasOwnProperty.call(message, "firstSeq") && (typeof message.firstSeq === "object" ? message.firstSeq.low || message.firstSeq.high : message.firstSeq !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.firstSeq);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Epoch message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Epoch
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Epoch & replivec.wire.v1.Epoch.$Shape} Epoch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Epoch.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Epoch();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.nodeId = value;
                                else
                                    delete message.nodeId;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.firstSeq = value;
                                else
                                    delete message.firstSeq;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Epoch;
            })();

            v1.Welcome = (function() {

                /**
                 * Properties of a Welcome.
                 * @typedef {Object} replivec.wire.v1.Welcome.$Properties
                 * @property {string|null} [historyId] Welcome historyId
                 * @property {Array.<replivec.wire.v1.Epoch.$Properties>|null} [epochs] Welcome epochs
                 * @property {replivec.wire.v1.Parent.$Properties|null} [parent] Welcome parent
                 * @property {number|null} [fromSeq] Welcome fromSeq
                 * @property {string|null} [snapshotReason] Welcome snapshotReason
                 * @property {number|null} [headEpoch] Welcome headEpoch
                 * @property {number|null} [headSeq] Welcome headSeq
                 * @property {number|null} [windowBytes] Welcome windowBytes
                 * @property {number|null} [heartbeatIntervalMs] Welcome heartbeatIntervalMs
                 * @property {number|null} [sentAtMs] Welcome sentAtMs
                 * @property {number|null} [sent] Welcome sent
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Welcome.
                 * @memberof replivec.wire.v1
                 * @interface IWelcome
                 * @augments replivec.wire.v1.Welcome.$Properties
                 * @deprecated Use replivec.wire.v1.Welcome.$Properties instead.
                 */

                /**
                 * Shape of a Welcome.
                 * @typedef {replivec.wire.v1.Welcome.$Properties} replivec.wire.v1.Welcome.$Shape
                 */

                /**
                 * Constructs a new Welcome.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Welcome.
                 * @constructor
                 * @param {replivec.wire.v1.Welcome.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Welcome = function (properties) {
                    this.epochs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Welcome historyId.
                 * @member {string} historyId
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.historyId = "";

                /**
                 * Welcome epochs.
                 * @member {Array.<replivec.wire.v1.Epoch.$Properties>} epochs
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.epochs = $util.emptyArray;

                /**
                 * Welcome parent.
                 * @member {replivec.wire.v1.Parent.$Properties|null|undefined} parent
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.parent = null;

                /**
                 * Welcome fromSeq.
                 * @member {number} fromSeq
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.fromSeq = 0;

                /**
                 * Welcome snapshotReason.
                 * @member {string} snapshotReason
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.snapshotReason = "";

                /**
                 * Welcome headEpoch.
                 * @member {number} headEpoch
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.headEpoch = 0;

                /**
                 * Welcome headSeq.
                 * @member {number} headSeq
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.headSeq = 0;

                /**
                 * Welcome windowBytes.
                 * @member {number} windowBytes
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.windowBytes = 0;

                /**
                 * Welcome heartbeatIntervalMs.
                 * @member {number} heartbeatIntervalMs
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.heartbeatIntervalMs = 0;

                /**
                 * Welcome sentAtMs.
                 * @member {number} sentAtMs
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.sentAtMs = 0;

                /**
                 * Welcome sent.
                 * @member {number} sent
                 * @memberof replivec.wire.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.sent = 0;

                /**
                 * Encodes the specified Welcome message. Does not implicitly {@link replivec.wire.v1.Welcome.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Welcome
                 * @static
                 * @param {replivec.wire.v1.Welcome.$Properties} message Welcome message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Welcome.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.historyId);
                    if (message.epochs != null && message.epochs.length)
                        for (let i = 0; i < message.epochs.length; ++i)
                            $root.replivec.wire.v1.Epoch.encode(message.epochs[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.parent != null && $Object.hasOwnProperty.call(message, "parent"))
                        $root.replivec.wire.v1.Parent.encode(message.parent, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.fromSeq != null && $Object.hasOwnProperty.call(message, "fromSeq") && (typeof message.fromSeq === "object" ? message.fromSeq.low || message.fromSeq.high : message.fromSeq !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.fromSeq);
                    if (message.snapshotReason != null && $Object.hasOwnProperty.call(message, "snapshotReason") && message.snapshotReason !== "")
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.snapshotReason);
                    if (message.headEpoch != null && $Object.hasOwnProperty.call(message, "headEpoch") && (typeof message.headEpoch === "object" ? message.headEpoch.low || message.headEpoch.high : message.headEpoch !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.headEpoch);
                    if (message.headSeq != null && $Object.hasOwnProperty.call(message, "headSeq") && (typeof message.headSeq === "object" ? message.headSeq.low || message.headSeq.high : message.headSeq !== 0))
                        writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.headSeq);
                    if (message.windowBytes != null && $Object.hasOwnProperty.call(message, "windowBytes") && (typeof message.windowBytes === "object" ? message.windowBytes.low || message.windowBytes.high : message.windowBytes !== 0))
                        writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.windowBytes);
                    if (message.heartbeatIntervalMs != null && $Object.hasOwnProperty.call(message, "heartbeatIntervalMs") && message.heartbeatIntervalMs !== 0)
                        writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.heartbeatIntervalMs);
                    if (message.sentAtMs != null && $Object.hasOwnProperty.call(message, "sentAtMs") && (typeof message.sentAtMs === "object" ? message.sentAtMs.low || message.sentAtMs.high : message.sentAtMs !== 0))
                        writer.uint32(/* id 10, wireType 0 =*/80).uint64(message.sentAtMs);
                    if (message.sent != null && $Object.hasOwnProperty.call(message, "sent") && (typeof message.sent === "object" ? message.sent.low || message.sent.high : message.sent !== 0))
                        writer.uint32(/* id 11, wireType 0 =*/88).uint64(message.sent);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Welcome message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Welcome
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Welcome & replivec.wire.v1.Welcome.$Shape} Welcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Welcome.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Welcome();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.historyId = value;
                                else
                                    delete message.historyId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.epochs && message.epochs.length))
                                    message.epochs = [];
                                message.epochs.push($root.replivec.wire.v1.Epoch.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.parent = $root.replivec.wire.v1.Parent.decode(reader, reader.size(), $undefined, _depth + 1, message.parent);
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.fromSeq = value;
                                else
                                    delete message.fromSeq;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.snapshotReason = value;
                                else
                                    delete message.snapshotReason;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headEpoch = value;
                                else
                                    delete message.headEpoch;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headSeq = value;
                                else
                                    delete message.headSeq;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.windowBytes = value;
                                else
                                    delete message.windowBytes;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.heartbeatIntervalMs = value;
                                else
                                    delete message.heartbeatIntervalMs;
                                continue;
                            }
                        case 10: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sentAtMs = value;
                                else
                                    delete message.sentAtMs;
                                continue;
                            }
                        case 11: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sent = value;
                                else
                                    delete message.sent;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Welcome;
            })();

            v1.Parent = (function() {

                /**
                 * Properties of a Parent.
                 * @typedef {Object} replivec.wire.v1.Parent.$Properties
                 * @property {string|null} [historyId] Parent historyId
                 * @property {number|null} [epoch] Parent epoch
                 * @property {number|null} [seq] Parent seq
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Parent.
                 * @memberof replivec.wire.v1
                 * @interface IParent
                 * @augments replivec.wire.v1.Parent.$Properties
                 * @deprecated Use replivec.wire.v1.Parent.$Properties instead.
                 */

                /**
                 * Shape of a Parent.
                 * @typedef {replivec.wire.v1.Parent.$Properties} replivec.wire.v1.Parent.$Shape
                 */

                /**
                 * Constructs a new Parent.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Parent.
                 * @constructor
                 * @param {replivec.wire.v1.Parent.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Parent = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Parent historyId.
                 * @member {string} historyId
                 * @memberof replivec.wire.v1.Parent
                 * @instance
                 */
                Parent.prototype.historyId = "";

                /**
                 * Parent epoch.
                 * @member {number} epoch
                 * @memberof replivec.wire.v1.Parent
                 * @instance
                 */
                Parent.prototype.epoch = 0;

                /**
                 * Parent seq.
                 * @member {number} seq
                 * @memberof replivec.wire.v1.Parent
                 * @instance
                 */
                Parent.prototype.seq = 0;

                /**
                 * Encodes the specified Parent message. Does not implicitly {@link replivec.wire.v1.Parent.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Parent
                 * @static
                 * @param {replivec.wire.v1.Parent.$Properties} message Parent message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Parent.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.historyId);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.epoch);
                    if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.seq);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Parent message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Parent
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Parent & replivec.wire.v1.Parent.$Shape} Parent
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Parent.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Parent();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.historyId = value;
                                else
                                    delete message.historyId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.seq = value;
                                else
                                    delete message.seq;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Parent;
            })();

            v1.Operations = (function() {

                /**
                 * Properties of an Operations.
                 * @typedef {Object} replivec.wire.v1.Operations.$Properties
                 * @property {number|null} [firstSeq] Operations firstSeq
                 * @property {number|null} [lastSeq] Operations lastSeq
                 * @property {number|null} [headSeq] Operations headSeq
                 * @property {number|null} [sentAtMs] Operations sentAtMs
                 * @property {boolean|null} [durable] Operations durable
                 * @property {boolean|null} [received] Operations received
                 * @property {Uint8Array|null} [frames] Operations frames
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Operations.
                 * @memberof replivec.wire.v1
                 * @interface IOperations
                 * @augments replivec.wire.v1.Operations.$Properties
                 * @deprecated Use replivec.wire.v1.Operations.$Properties instead.
                 */

                /**
                 * Shape of an Operations.
                 * @typedef {replivec.wire.v1.Operations.$Properties} replivec.wire.v1.Operations.$Shape
                 */

                /**
                 * Constructs a new Operations.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents an Operations.
                 * @constructor
                 * @param {replivec.wire.v1.Operations.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Operations = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Operations firstSeq.
                 * @member {number} firstSeq
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.firstSeq = 0;

                /**
                 * Operations lastSeq.
                 * @member {number} lastSeq
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.lastSeq = 0;

                /**
                 * Operations headSeq.
                 * @member {number} headSeq
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.headSeq = 0;

                /**
                 * Operations sentAtMs.
                 * @member {number} sentAtMs
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.sentAtMs = 0;

                /**
                 * Operations durable.
                 * @member {boolean} durable
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.durable = false;

                /**
                 * Operations received.
                 * @member {boolean} received
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.received = false;

                /**
                 * Operations frames.
                 * @member {Uint8Array} frames
                 * @memberof replivec.wire.v1.Operations
                 * @instance
                 */
                Operations.prototype.frames = $util.newBuffer([]);

                /**
                 * Encodes the specified Operations message. Does not implicitly {@link replivec.wire.v1.Operations.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Operations
                 * @static
                 * @param {replivec.wire.v1.Operations.$Properties} message Operations message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Operations.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.firstSeq != null && $Object.hasOwnProperty.call(message, "firstSeq") && (typeof message.firstSeq === "object" ? message.firstSeq.low || message.firstSeq.high : message.firstSeq !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.firstSeq);
                    if (message.lastSeq != null && $Object.hasOwnProperty.call(message, "lastSeq") && (typeof message.lastSeq === "object" ? message.lastSeq.low || message.lastSeq.high : message.lastSeq !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.lastSeq);
                    if (message.headSeq != null && $Object.hasOwnProperty.call(message, "headSeq") && (typeof message.headSeq === "object" ? message.headSeq.low || message.headSeq.high : message.headSeq !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.headSeq);
                    if (message.sentAtMs != null && $Object.hasOwnProperty.call(message, "sentAtMs") && (typeof message.sentAtMs === "object" ? message.sentAtMs.low || message.sentAtMs.high : message.sentAtMs !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.sentAtMs);
                    if (message.durable != null && $Object.hasOwnProperty.call(message, "durable") && message.durable !== false)
                        writer.uint32(/* id 5, wireType 0 =*/40).bool(message.durable);
                    if (message.received != null && $Object.hasOwnProperty.call(message, "received") && message.received !== false)
                        writer.uint32(/* id 6, wireType 0 =*/48).bool(message.received);
                    if (message.frames != null && $Object.hasOwnProperty.call(message, "frames") && message.frames.length)
                        writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.frames);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Operations message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Operations
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Operations & replivec.wire.v1.Operations.$Shape} Operations
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Operations.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Operations();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.firstSeq = value;
                                else
                                    delete message.firstSeq;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.lastSeq = value;
                                else
                                    delete message.lastSeq;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headSeq = value;
                                else
                                    delete message.headSeq;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sentAtMs = value;
                                else
                                    delete message.sentAtMs;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.durable = value;
                                else
                                    delete message.durable;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.received = value;
                                else
                                    delete message.received;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.frames = value;
                                else
                                    delete message.frames;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Operations;
            })();

            v1.Ack = (function() {

                /**
                 * Properties of an Ack.
                 * @typedef {Object} replivec.wire.v1.Ack.$Properties
                 * @property {number|null} [receivedSeq] Ack receivedSeq
                 * @property {number|null} [durableSeq] Ack durableSeq
                 * @property {number|null} [appliedSeq] Ack appliedSeq
                 * @property {number|null} [snapshotBytes] Ack snapshotBytes
                 * @property {number|null} [question] Ack question
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Ack.
                 * @memberof replivec.wire.v1
                 * @interface IAck
                 * @augments replivec.wire.v1.Ack.$Properties
                 * @deprecated Use replivec.wire.v1.Ack.$Properties instead.
                 */

                /**
                 * Shape of an Ack.
                 * @typedef {replivec.wire.v1.Ack.$Properties} replivec.wire.v1.Ack.$Shape
                 */

                /**
                 * Constructs a new Ack.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents an Ack.
                 * @constructor
                 * @param {replivec.wire.v1.Ack.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Ack = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Ack receivedSeq.
                 * @member {number} receivedSeq
                 * @memberof replivec.wire.v1.Ack
                 * @instance
                 */
                Ack.prototype.receivedSeq = 0;

                /**
                 * Ack durableSeq.
                 * @member {number} durableSeq
                 * @memberof replivec.wire.v1.Ack
                 * @instance
                 */
                Ack.prototype.durableSeq = 0;

                /**
                 * Ack appliedSeq.
                 * @member {number} appliedSeq
                 * @memberof replivec.wire.v1.Ack
                 * @instance
                 */
                Ack.prototype.appliedSeq = 0;

                /**
                 * Ack snapshotBytes.
                 * @member {number} snapshotBytes
                 * @memberof replivec.wire.v1.Ack
                 * @instance
                 */
                Ack.prototype.snapshotBytes = 0;

                /**
                 * Ack question.
                 * @member {number} question
                 * @memberof replivec.wire.v1.Ack
                 * @instance
                 */
                Ack.prototype.question = 0;

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link replivec.wire.v1.Ack.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Ack
                 * @static
                 * @param {replivec.wire.v1.Ack.$Properties} message Ack message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Ack.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.receivedSeq != null && $Object.hasOwnProperty.call(message, "receivedSeq") && (typeof message.receivedSeq === "object" ? message.receivedSeq.low || message.receivedSeq.high : message.receivedSeq !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.receivedSeq);
                    if (message.durableSeq != null && $Object.hasOwnProperty.call(message, "durableSeq") && (typeof message.durableSeq === "object" ? message.durableSeq.low || message.durableSeq.high : message.durableSeq !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.durableSeq);
                    if (message.appliedSeq != null && $Object.hasOwnProperty.call(message, "appliedSeq") && (typeof message.appliedSeq === "object" ? message.appliedSeq.low || message.appliedSeq.high : message.appliedSeq !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.appliedSeq);
                    if (message.snapshotBytes != null && $Object.hasOwnProperty.call(message, "snapshotBytes") && (typeof message.snapshotBytes === "object" ? message.snapshotBytes.low || message.snapshotBytes.high : message.snapshotBytes !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.snapshotBytes);
                    if (message.question != null && $Object.hasOwnProperty.call(message, "question") && message.question !== 0)
                        writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.question);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Ack
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Ack & replivec.wire.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Ack.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Ack();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.receivedSeq = value;
                                else
                                    delete message.receivedSeq;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.durableSeq = value;
                                else
                                    delete message.durableSeq;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.appliedSeq = value;
                                else
                                    delete message.appliedSeq;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.snapshotBytes = value;
                                else
                                    delete message.snapshotBytes;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.question = value;
                                else
                                    delete message.question;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Ack;
            })();

            v1.Heartbeat = (function() {

                /**
                 * Properties of a Heartbeat.
                 * @typedef {Object} replivec.wire.v1.Heartbeat.$Properties
                 * @property {number|null} [headEpoch] Heartbeat headEpoch
                 * @property {number|null} [headSeq] Heartbeat headSeq
                 * @property {number|null} [sentAtMs] Heartbeat sentAtMs
                 * @property {number|null} [unsentSinceMs] Heartbeat unsentSinceMs
                 * @property {number|null} [answer] Heartbeat answer
                 * @property {number|null} [sent] Heartbeat sent
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Heartbeat.
                 * @memberof replivec.wire.v1
                 * @interface IHeartbeat
                 * @augments replivec.wire.v1.Heartbeat.$Properties
                 * @deprecated Use replivec.wire.v1.Heartbeat.$Properties instead.
                 */

                /**
                 * Shape of a Heartbeat.
                 * @typedef {replivec.wire.v1.Heartbeat.$Properties} replivec.wire.v1.Heartbeat.$Shape
                 */

                /**
                 * Constructs a new Heartbeat.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Heartbeat.
                 * @constructor
                 * @param {replivec.wire.v1.Heartbeat.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Heartbeat = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Heartbeat headEpoch.
                 * @member {number} headEpoch
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.headEpoch = 0;

                /**
                 * Heartbeat headSeq.
                 * @member {number} headSeq
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.headSeq = 0;

                /**
                 * Heartbeat sentAtMs.
                 * @member {number} sentAtMs
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.sentAtMs = 0;

                /**
                 * Heartbeat unsentSinceMs.
                 * @member {number} unsentSinceMs
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.unsentSinceMs = 0;

                /**
                 * Heartbeat answer.
                 * @member {number} answer
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.answer = 0;

                /**
                 * Heartbeat sent.
                 * @member {number} sent
                 * @memberof replivec.wire.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.sent = 0;

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link replivec.wire.v1.Heartbeat.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Heartbeat
                 * @static
                 * @param {replivec.wire.v1.Heartbeat.$Properties} message Heartbeat message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Heartbeat.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.headEpoch != null && $Object.hasOwnProperty.call(message, "headEpoch") && (typeof message.headEpoch === "object" ? message.headEpoch.low || message.headEpoch.high : message.headEpoch !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.headEpoch);
                    if (message.headSeq != null && $Object.hasOwnProperty.call(message, "headSeq") && (typeof message.headSeq === "object" ? message.headSeq.low || message.headSeq.high : message.headSeq !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.headSeq);
                    if (message.sentAtMs != null && $Object.hasOwnProperty.call(message, "sentAtMs") && (typeof message.sentAtMs === "object" ? message.sentAtMs.low || message.sentAtMs.high : message.sentAtMs !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.sentAtMs);
                    if (message.unsentSinceMs != null && $Object.hasOwnProperty.call(message, "unsentSinceMs") && (typeof message.unsentSinceMs === "object" ? message.unsentSinceMs.low || message.unsentSinceMs.high : message.unsentSinceMs !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.unsentSinceMs);
                    if (message.answer != null && $Object.hasOwnProperty.call(message, "answer") && message.answer !== 0)
                        writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.answer);
                    if (message.sent != null && $Object.hasOwnProperty.call(message, "sent") && (typeof message.sent === "object" ? message.sent.low || message.sent.high : message.sent !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.sent);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Heartbeat
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Heartbeat & replivec.wire.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Heartbeat.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Heartbeat();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headEpoch = value;
                                else
                                    delete message.headEpoch;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headSeq = value;
                                else
                                    delete message.headSeq;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sentAtMs = value;
                                else
                                    delete message.sentAtMs;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.unsentSinceMs = value;
                                else
                                    delete message.unsentSinceMs;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.answer = value;
                                else
                                    delete message.answer;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sent = value;
                                else
                                    delete message.sent;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Heartbeat;
            })();

            v1.SnapshotStart = (function() {

                /**
                 * Properties of a SnapshotStart.
                 * @typedef {Object} replivec.wire.v1.SnapshotStart.$Properties
                 * @property {string|null} [snapshotId] SnapshotStart snapshotId
                 * @property {number|null} [epoch] SnapshotStart epoch
                 * @property {number|null} [seq] SnapshotStart seq
                 * @property {number|null} [fromByte] SnapshotStart fromByte
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a SnapshotStart.
                 * @memberof replivec.wire.v1
                 * @interface ISnapshotStart
                 * @augments replivec.wire.v1.SnapshotStart.$Properties
                 * @deprecated Use replivec.wire.v1.SnapshotStart.$Properties instead.
                 */

                /**
                 * Shape of a SnapshotStart.
                 * @typedef {replivec.wire.v1.SnapshotStart.$Properties} replivec.wire.v1.SnapshotStart.$Shape
                 */

                /**
                 * Constructs a new SnapshotStart.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a SnapshotStart.
                 * @constructor
                 * @param {replivec.wire.v1.SnapshotStart.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const SnapshotStart = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * SnapshotStart snapshotId.
                 * @member {string} snapshotId
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @instance
                 */
                SnapshotStart.prototype.snapshotId = "";

                /**
                 * SnapshotStart epoch.
                 * @member {number} epoch
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @instance
                 */
                SnapshotStart.prototype.epoch = 0;

                /**
                 * SnapshotStart seq.
                 * @member {number} seq
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @instance
                 */
                SnapshotStart.prototype.seq = 0;

                /**
                 * SnapshotStart fromByte.
                 * @member {number} fromByte
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @instance
                 */
                SnapshotStart.prototype.fromByte = 0;

                /**
                 * Encodes the specified SnapshotStart message. Does not implicitly {@link replivec.wire.v1.SnapshotStart.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @static
                 * @param {replivec.wire.v1.SnapshotStart.$Properties} message SnapshotStart message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                SnapshotStart.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.snapshotId != null && $Object.hasOwnProperty.call(message, "snapshotId") && message.snapshotId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.snapshotId);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.epoch);
                    if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.seq);
                    if (message.fromByte != null && $Object.hasOwnProperty.call(message, "fromByte") && (typeof message.fromByte === "object" ? message.fromByte.low || message.fromByte.high : message.fromByte !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.fromByte);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a SnapshotStart message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.SnapshotStart
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.SnapshotStart & replivec.wire.v1.SnapshotStart.$Shape} SnapshotStart
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                SnapshotStart.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.SnapshotStart();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.snapshotId = value;
                                else
                                    delete message.snapshotId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.seq = value;
                                else
                                    delete message.seq;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.fromByte = value;
                                else
                                    delete message.fromByte;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return SnapshotStart;
            })();

            v1.SnapshotPiece = (function() {

                /**
                 * Properties of a SnapshotPiece.
                 * @typedef {Object} replivec.wire.v1.SnapshotPiece.$Properties
                 * @property {number|null} [atByte] SnapshotPiece atByte
                 * @property {Uint8Array|null} [bytes] SnapshotPiece bytes
                 * @property {number|null} [sentAtMs] SnapshotPiece sentAtMs
                 * @property {number|null} [headSeq] SnapshotPiece headSeq
                 * @property {boolean|null} [last] SnapshotPiece last
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a SnapshotPiece.
                 * @memberof replivec.wire.v1
                 * @interface ISnapshotPiece
                 * @augments replivec.wire.v1.SnapshotPiece.$Properties
                 * @deprecated Use replivec.wire.v1.SnapshotPiece.$Properties instead.
                 */

                /**
                 * Shape of a SnapshotPiece.
                 * @typedef {replivec.wire.v1.SnapshotPiece.$Properties} replivec.wire.v1.SnapshotPiece.$Shape
                 */

                /**
                 * Constructs a new SnapshotPiece.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a SnapshotPiece.
                 * @constructor
                 * @param {replivec.wire.v1.SnapshotPiece.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const SnapshotPiece = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * SnapshotPiece atByte.
                 * @member {number} atByte
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @instance
                 */
                SnapshotPiece.prototype.atByte = 0;

                /**
                 * SnapshotPiece bytes.
                 * @member {Uint8Array} bytes
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @instance
                 */
                SnapshotPiece.prototype.bytes = $util.newBuffer([]);

                /**
                 * SnapshotPiece sentAtMs.
                 * @member {number} sentAtMs
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @instance
                 */
                SnapshotPiece.prototype.sentAtMs = 0;

                /**
                 * SnapshotPiece headSeq.
                 * @member {number} headSeq
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @instance
                 */
                SnapshotPiece.prototype.headSeq = 0;

                /**
                 * SnapshotPiece last.
                 * @member {boolean} last
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @instance
                 */
                SnapshotPiece.prototype.last = false;

                /**
                 * Encodes the specified SnapshotPiece message. Does not implicitly {@link replivec.wire.v1.SnapshotPiece.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @static
                 * @param {replivec.wire.v1.SnapshotPiece.$Properties} message SnapshotPiece message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                SnapshotPiece.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.atByte != null && $Object.hasOwnProperty.call(message, "atByte") && (typeof message.atByte === "object" ? message.atByte.low || message.atByte.high : message.atByte !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.atByte);
                    if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes") && message.bytes.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.bytes);
                    if (message.sentAtMs != null && $Object.hasOwnProperty.call(message, "sentAtMs") && (typeof message.sentAtMs === "object" ? message.sentAtMs.low || message.sentAtMs.high : message.sentAtMs !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.sentAtMs);
                    if (message.headSeq != null && $Object.hasOwnProperty.call(message, "headSeq") && (typeof message.headSeq === "object" ? message.headSeq.low || message.headSeq.high : message.headSeq !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.headSeq);
                    if (message.last != null && $Object.hasOwnProperty.call(message, "last") && message.last !== false)
                        writer.uint32(/* id 5, wireType 0 =*/40).bool(message.last);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a SnapshotPiece message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.SnapshotPiece
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.SnapshotPiece & replivec.wire.v1.SnapshotPiece.$Shape} SnapshotPiece
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                SnapshotPiece.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.SnapshotPiece();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.atByte = value;
                                else
                                    delete message.atByte;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.bytes = value;
                                else
                                    delete message.bytes;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.sentAtMs = value;
                                else
                                    delete message.sentAtMs;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                    message.headSeq = value;
                                else
                                    delete message.headSeq;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.last = value;
                                else
                                    delete message.last;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return SnapshotPiece;
            })();

            v1.Refusal = (function() {

                /**
                 * Properties of a Refusal.
                 * @typedef {Object} replivec.wire.v1.Refusal.$Properties
                 * @property {string|null} [code] Refusal code
                 * @property {string|null} [reason] Refusal reason
                 * @property {string|null} [message] Refusal message
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Refusal.
                 * @memberof replivec.wire.v1
                 * @interface IRefusal
                 * @augments replivec.wire.v1.Refusal.$Properties
                 * @deprecated Use replivec.wire.v1.Refusal.$Properties instead.
                 */

                /**
                 * Shape of a Refusal.
                 * @typedef {replivec.wire.v1.Refusal.$Properties} replivec.wire.v1.Refusal.$Shape
                 */

                /**
                 * Constructs a new Refusal.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Refusal.
                 * @constructor
                 * @param {replivec.wire.v1.Refusal.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Refusal = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Refusal code.
                 * @member {string} code
                 * @memberof replivec.wire.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.code = "";

                /**
                 * Refusal reason.
                 * @member {string} reason
                 * @memberof replivec.wire.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.reason = "";

                /**
                 * Refusal message.
                 * @member {string} message
                 * @memberof replivec.wire.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.message = "";

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link replivec.wire.v1.Refusal.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Refusal
                 * @static
                 * @param {replivec.wire.v1.Refusal.$Properties} message Refusal message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Refusal.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.code);
                    if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.reason);
                    if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.message);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Refusal
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Refusal & replivec.wire.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Refusal.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Refusal();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.code = value;
                                else
                                    delete message.code;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.reason = value;
                                else
                                    delete message.reason;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.message = value;
                                else
                                    delete message.message;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Refusal;
            })();

            v1.Packed = (function() {

                /**
                 * Properties of a Packed.
                 * @typedef {Object} replivec.wire.v1.Packed.$Properties
                 * @property {Uint8Array|null} [rest] Packed rest
                 * @property {number|null} [plainBytes] Packed plainBytes
                 * @property {Uint8Array|null} [vectors] Packed vectors
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Packed.
                 * @memberof replivec.wire.v1
                 * @interface IPacked
                 * @augments replivec.wire.v1.Packed.$Properties
                 * @deprecated Use replivec.wire.v1.Packed.$Properties instead.
                 */

                /**
                 * Shape of a Packed.
                 * @typedef {replivec.wire.v1.Packed.$Properties} replivec.wire.v1.Packed.$Shape
                 */

                /**
                 * Constructs a new Packed.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Packed.
                 * @constructor
                 * @param {replivec.wire.v1.Packed.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Packed = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Packed rest.
                 * @member {Uint8Array} rest
                 * @memberof replivec.wire.v1.Packed
                 * @instance
                 */
                Packed.prototype.rest = $util.newBuffer([]);

                /**
                 * Packed plainBytes.
                 * @member {number} plainBytes
                 * @memberof replivec.wire.v1.Packed
                 * @instance
                 */
                Packed.prototype.plainBytes = 0;

                /**
                 * Packed vectors.
                 * @member {Uint8Array} vectors
                 * @memberof replivec.wire.v1.Packed
                 * @instance
                 */
                Packed.prototype.vectors = $util.newBuffer([]);

                /**
                 * Encodes the specified Packed message. Does not implicitly {@link replivec.wire.v1.Packed.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Packed
                 * @static
                 * @param {replivec.wire.v1.Packed.$Properties} message Packed message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Packed.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.rest != null && $Object.hasOwnProperty.call(message, "rest") && message.rest.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.rest);
                    if (message.plainBytes != null && $Object.hasOwnProperty.call(message, "plainBytes") && message.plainBytes !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.plainBytes);
                    if (message.vectors != null && $Object.hasOwnProperty.call(message, "vectors") && message.vectors.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.vectors);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Packed message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Packed
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Packed & replivec.wire.v1.Packed.$Shape} Packed
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Packed.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Packed();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.rest = value;
                                else
                                    delete message.rest;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.plainBytes = value;
                                else
                                    delete message.plainBytes;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.vectors = value;
                                else
                                    delete message.vectors;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Packed;
            })();

            v1.Part = (function() {

                /**
                 * Properties of a Part.
                 * @typedef {Object} replivec.wire.v1.Part.$Properties
                 * @property {Uint8Array|null} [bytes] Part bytes
                 * @property {boolean|null} [last] Part last
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Part.
                 * @memberof replivec.wire.v1
                 * @interface IPart
                 * @augments replivec.wire.v1.Part.$Properties
                 * @deprecated Use replivec.wire.v1.Part.$Properties instead.
                 */

                /**
                 * Shape of a Part.
                 * @typedef {replivec.wire.v1.Part.$Properties} replivec.wire.v1.Part.$Shape
                 */

                /**
                 * Constructs a new Part.
                 * @memberof replivec.wire.v1
                 * @classdesc Represents a Part.
                 * @constructor
                 * @param {replivec.wire.v1.Part.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Part = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Part bytes.
                 * @member {Uint8Array} bytes
                 * @memberof replivec.wire.v1.Part
                 * @instance
                 */
                Part.prototype.bytes = $util.newBuffer([]);

                /**
                 * Part last.
                 * @member {boolean} last
                 * @memberof replivec.wire.v1.Part
                 * @instance
                 */
                Part.prototype.last = false;

                /**
                 * Encodes the specified Part message. Does not implicitly {@link replivec.wire.v1.Part.verify|verify} messages.
                 * @function encode
                 * @memberof replivec.wire.v1.Part
                 * @static
                 * @param {replivec.wire.v1.Part.$Properties} message Part message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Part.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes") && message.bytes.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.bytes);
                    if (message.last != null && $Object.hasOwnProperty.call(message, "last") && message.last !== false)
                        writer.uint32(/* id 2, wireType 0 =*/16).bool(message.last);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Part message from the specified reader or buffer.
                 * @function decode
                 * @memberof replivec.wire.v1.Part
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {replivec.wire.v1.Part & replivec.wire.v1.Part.$Shape} Part
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Part.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.replivec.wire.v1.Part();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.bytes = value;
                                else
                                    delete message.bytes;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.last = value;
                                else
                                    delete message.last;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Part;
            })();

            return v1;
        })();

        return wire;
    })();

    return replivec;
})();

export {
  $root as default
};
