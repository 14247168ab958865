// Generated from replivec.proto by `npm run generate`. Do not edit.
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
const $root = $protobuf.roots["replivec.v1"] || ($protobuf.roots["replivec.v1"] = {});

export const replivec = $root.replivec = (() => {

    /**
     * Namespace replivec.
     * @exports replivec
     * @namespace
     */
    const replivec = {};

    replivec.v1 = (function() {

        /**
         * Namespace v1.
         * @memberof replivec
         * @namespace
         */
        const v1 = {};

        v1.SegmentHeader = (function() {

            /**
             * Properties of a SegmentHeader.
             * @typedef {Object} replivec.v1.SegmentHeader.$Properties
             * @property {string|null} [historyId] SegmentHeader historyId
             * @property {string|null} [nodeId] SegmentHeader nodeId
             * @property {Array.<replivec.v1.Epoch.$Properties>|null} [epochs] SegmentHeader epochs
             * @property {number|null} [firstSeq] SegmentHeader firstSeq
             * @property {number|null} [createdAtMs] SegmentHeader createdAtMs
             * @property {replivec.v1.Parent.$Properties|null} [parent] SegmentHeader parent
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SegmentHeader.
             * @memberof replivec.v1
             * @interface ISegmentHeader
             * @augments replivec.v1.SegmentHeader.$Properties
             * @deprecated Use replivec.v1.SegmentHeader.$Properties instead.
             */

            /**
             * Shape of a SegmentHeader.
             * @typedef {replivec.v1.SegmentHeader.$Properties} replivec.v1.SegmentHeader.$Shape
             */

            /**
             * Constructs a new SegmentHeader.
             * @memberof replivec.v1
             * @classdesc Represents a SegmentHeader.
             * @constructor
             * @param {replivec.v1.SegmentHeader.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SegmentHeader = function (properties) {
                this.epochs = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SegmentHeader historyId.
             * @member {string} historyId
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.historyId = "";

            /**
             * SegmentHeader nodeId.
             * @member {string} nodeId
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.nodeId = "";

            /**
             * SegmentHeader epochs.
             * @member {Array.<replivec.v1.Epoch.$Properties>} epochs
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.epochs = $util.emptyArray;

            /**
             * SegmentHeader firstSeq.
             * @member {number} firstSeq
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.firstSeq = 0;

            /**
             * SegmentHeader createdAtMs.
             * @member {number} createdAtMs
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.createdAtMs = 0;

            /**
             * SegmentHeader parent.
             * @member {replivec.v1.Parent.$Properties|null|undefined} parent
             * @memberof replivec.v1.SegmentHeader
             * @instance
             */
            SegmentHeader.prototype.parent = null;

            /**
             * Encodes the specified SegmentHeader message. Does not implicitly {@link replivec.v1.SegmentHeader.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.SegmentHeader
             * @static
             * @param {replivec.v1.SegmentHeader.$Properties} message SegmentHeader message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SegmentHeader.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.historyId);
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.nodeId);
                if (message.epochs != null && message.epochs.length)
                    for (let i = 0; i < message.epochs.length; ++i)
                        $root.replivec.v1.Epoch.encode(message.epochs[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.firstSeq != null && $Object.hasOwnProperty.call(message, "firstSeq") && (typeof message.firstSeq === "object" ? message.firstSeq.low || message.firstSeq.high : message.firstSeq !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.firstSeq);
                if (message.createdAtMs != null && $Object.hasOwnProperty.call(message, "createdAtMs") && (typeof message.createdAtMs === "object" ? message.createdAtMs.low || message.createdAtMs.high : message.createdAtMs !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.createdAtMs);
                if (message.parent != null && $Object.hasOwnProperty.call(message, "parent"))
                    $root.replivec.v1.Parent.encode(message.parent, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SegmentHeader message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.SegmentHeader
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.SegmentHeader & replivec.v1.SegmentHeader.$Shape} SegmentHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SegmentHeader.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.SegmentHeader();
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
                            if ((value = reader.stringVerify()).length)
                                message.nodeId = value;
                            else
                                delete message.nodeId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.epochs && message.epochs.length))
                                message.epochs = [];
                            message.epochs.push($root.replivec.v1.Epoch.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.firstSeq = value;
                            else
                                delete message.firstSeq;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.createdAtMs = value;
                            else
                                delete message.createdAtMs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.parent = $root.replivec.v1.Parent.decode(reader, reader.size(), $undefined, _depth + 1, message.parent);
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

            return SegmentHeader;
        })();

        v1.Epoch = (function() {

            /**
             * Properties of an Epoch.
             * @typedef {Object} replivec.v1.Epoch.$Properties
             * @property {number|null} [epoch] Epoch epoch
             * @property {string|null} [nodeId] Epoch nodeId
             * @property {number|null} [firstSeq] Epoch firstSeq
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Epoch.
             * @memberof replivec.v1
             * @interface IEpoch
             * @augments replivec.v1.Epoch.$Properties
             * @deprecated Use replivec.v1.Epoch.$Properties instead.
             */

            /**
             * Shape of an Epoch.
             * @typedef {replivec.v1.Epoch.$Properties} replivec.v1.Epoch.$Shape
             */

            /**
             * Constructs a new Epoch.
             * @memberof replivec.v1
             * @classdesc Represents an Epoch.
             * @constructor
             * @param {replivec.v1.Epoch.$Properties=} [properties] Properties to set
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
             * @memberof replivec.v1.Epoch
             * @instance
             */
            Epoch.prototype.epoch = 0;

            /**
             * Epoch nodeId.
             * @member {string} nodeId
             * @memberof replivec.v1.Epoch
             * @instance
             */
            Epoch.prototype.nodeId = "";

            /**
             * Epoch firstSeq.
             * @member {number} firstSeq
             * @memberof replivec.v1.Epoch
             * @instance
             */
            Epoch.prototype.firstSeq = 0;

            /**
             * Encodes the specified Epoch message. Does not implicitly {@link replivec.v1.Epoch.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Epoch
             * @static
             * @param {replivec.v1.Epoch.$Properties} message Epoch message or plain object to encode
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
             * @memberof replivec.v1.Epoch
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Epoch & replivec.v1.Epoch.$Shape} Epoch
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
                message = _target || new $root.replivec.v1.Epoch();
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

        v1.Parent = (function() {

            /**
             * Properties of a Parent.
             * @typedef {Object} replivec.v1.Parent.$Properties
             * @property {string|null} [historyId] Parent historyId
             * @property {number|null} [epoch] Parent epoch
             * @property {number|null} [seq] Parent seq
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Parent.
             * @memberof replivec.v1
             * @interface IParent
             * @augments replivec.v1.Parent.$Properties
             * @deprecated Use replivec.v1.Parent.$Properties instead.
             */

            /**
             * Shape of a Parent.
             * @typedef {replivec.v1.Parent.$Properties} replivec.v1.Parent.$Shape
             */

            /**
             * Constructs a new Parent.
             * @memberof replivec.v1
             * @classdesc Represents a Parent.
             * @constructor
             * @param {replivec.v1.Parent.$Properties=} [properties] Properties to set
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
             * @memberof replivec.v1.Parent
             * @instance
             */
            Parent.prototype.historyId = "";

            /**
             * Parent epoch.
             * @member {number} epoch
             * @memberof replivec.v1.Parent
             * @instance
             */
            Parent.prototype.epoch = 0;

            /**
             * Parent seq.
             * @member {number} seq
             * @memberof replivec.v1.Parent
             * @instance
             */
            Parent.prototype.seq = 0;

            /**
             * Encodes the specified Parent message. Does not implicitly {@link replivec.v1.Parent.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Parent
             * @static
             * @param {replivec.v1.Parent.$Properties} message Parent message or plain object to encode
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
             * @memberof replivec.v1.Parent
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Parent & replivec.v1.Parent.$Shape} Parent
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
                message = _target || new $root.replivec.v1.Parent();
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

        v1.Mark = (function() {

            /**
             * Properties of a Mark.
             * @typedef {Object} replivec.v1.Mark.$Properties
             * @property {number|null} [durableSeq] Mark durableSeq
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Mark.
             * @memberof replivec.v1
             * @interface IMark
             * @augments replivec.v1.Mark.$Properties
             * @deprecated Use replivec.v1.Mark.$Properties instead.
             */

            /**
             * Shape of a Mark.
             * @typedef {replivec.v1.Mark.$Properties} replivec.v1.Mark.$Shape
             */

            /**
             * Constructs a new Mark.
             * @memberof replivec.v1
             * @classdesc Represents a Mark.
             * @constructor
             * @param {replivec.v1.Mark.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Mark = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Mark durableSeq.
             * @member {number} durableSeq
             * @memberof replivec.v1.Mark
             * @instance
             */
            Mark.prototype.durableSeq = 0;

            /**
             * Encodes the specified Mark message. Does not implicitly {@link replivec.v1.Mark.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Mark
             * @static
             * @param {replivec.v1.Mark.$Properties} message Mark message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Mark.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.durableSeq != null && $Object.hasOwnProperty.call(message, "durableSeq") && (typeof message.durableSeq === "object" ? message.durableSeq.low || message.durableSeq.high : message.durableSeq !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.durableSeq);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Mark message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Mark
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Mark & replivec.v1.Mark.$Shape} Mark
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Mark.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Mark();
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
                                message.durableSeq = value;
                            else
                                delete message.durableSeq;
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

            return Mark;
        })();

        v1.Commit = (function() {

            /**
             * Properties of a Commit.
             * @typedef {Object} replivec.v1.Commit.$Properties
             * @property {number|null} [epoch] Commit epoch
             * @property {string|null} [originId] Commit originId
             * @property {number|null} [firstSeq] Commit firstSeq
             * @property {number|null} [count] Commit count
             * @property {number|null} [committedAtMs] Commit committedAtMs
             * @property {Array.<replivec.v1.Operation.$Properties>|null} [operations] Commit operations
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Commit.
             * @memberof replivec.v1
             * @interface ICommit
             * @augments replivec.v1.Commit.$Properties
             * @deprecated Use replivec.v1.Commit.$Properties instead.
             */

            /**
             * Shape of a Commit.
             * @typedef {{
             *   epoch?: number|null;
             *   originId?: string|null;
             *   firstSeq?: number|null;
             *   count?: number|null;
             *   committedAtMs?: number|null;
             *   operations?: Array.<replivec.v1.Operation.$Shape>|null;
             *   $unknowns?: Array.<Uint8Array>;
             * }} replivec.v1.Commit.$Shape
             */

            /**
             * Constructs a new Commit.
             * @memberof replivec.v1
             * @classdesc Represents a Commit.
             * @constructor
             * @param {replivec.v1.Commit.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Commit = function (properties) {
                this.operations = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Commit epoch.
             * @member {number} epoch
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.epoch = 0;

            /**
             * Commit originId.
             * @member {string} originId
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.originId = "";

            /**
             * Commit firstSeq.
             * @member {number} firstSeq
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.firstSeq = 0;

            /**
             * Commit count.
             * @member {number} count
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.count = 0;

            /**
             * Commit committedAtMs.
             * @member {number} committedAtMs
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.committedAtMs = 0;

            /**
             * Commit operations.
             * @member {Array.<replivec.v1.Operation.$Properties>} operations
             * @memberof replivec.v1.Commit
             * @instance
             */
            Commit.prototype.operations = $util.emptyArray;

            /**
             * Encodes the specified Commit message. Does not implicitly {@link replivec.v1.Commit.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Commit
             * @static
             * @param {replivec.v1.Commit.$Properties} message Commit message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Commit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.epoch);
                if (message.originId != null && $Object.hasOwnProperty.call(message, "originId") && message.originId !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.originId);
                if (message.firstSeq != null && $Object.hasOwnProperty.call(message, "firstSeq") && (typeof message.firstSeq === "object" ? message.firstSeq.low || message.firstSeq.high : message.firstSeq !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.firstSeq);
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.count);
                if (message.committedAtMs != null && $Object.hasOwnProperty.call(message, "committedAtMs") && (typeof message.committedAtMs === "object" ? message.committedAtMs.low || message.committedAtMs.high : message.committedAtMs !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.committedAtMs);
                if (message.operations != null && message.operations.length)
                    for (let i = 0; i < message.operations.length; ++i)
                        $root.replivec.v1.Operation.encode(message.operations[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Commit message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Commit
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Commit & replivec.v1.Commit.$Shape} Commit
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Commit.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Commit();
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
                                message.originId = value;
                            else
                                delete message.originId;
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
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.committedAtMs = value;
                            else
                                delete message.committedAtMs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.operations && message.operations.length))
                                message.operations = [];
                            message.operations.push($root.replivec.v1.Operation.decode(reader, reader.size(), $undefined, _depth + 1));
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

            return Commit;
        })();

        v1.Operation = (function() {

            /**
             * Properties of an Operation.
             * @typedef {Object} replivec.v1.Operation.$Properties
             * @property {replivec.v1.Put.$Properties|null} [put] Operation put
             * @property {replivec.v1.SetVector.$Properties|null} [setVector] Operation setVector
             * @property {replivec.v1.SetMetadata.$Properties|null} [setMetadata] Operation setMetadata
             * @property {replivec.v1.Delete.$Properties|null} ["delete"] Operation delete
             * @property {replivec.v1.CreateCollection.$Properties|null} [createCollection] Operation createCollection
             * @property {replivec.v1.ConfigureCollection.$Properties|null} [configureCollection] Operation configureCollection
             * @property {replivec.v1.DropCollection.$Properties|null} [dropCollection] Operation dropCollection
             * @property {replivec.v1.Update.$Properties|null} [update] Operation update
             * @property {replivec.v1.Version.$Properties|null} [version] Operation version
             * @property {"put"|"setVector"|"setMetadata"|"delete"|"createCollection"|"configureCollection"|"dropCollection"|"update"} [kind] Operation kind
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Operation.
             * @memberof replivec.v1
             * @interface IOperation
             * @augments replivec.v1.Operation.$Properties
             * @deprecated Use replivec.v1.Operation.$Properties instead.
             */

            /**
             * Narrowed shape of an Operation.
             * @typedef {{
             *   put?: replivec.v1.Put.$Shape|null;
             *   setVector?: replivec.v1.SetVector.$Shape|null;
             *   setMetadata?: replivec.v1.SetMetadata.$Shape|null;
             *   "delete"?: replivec.v1.Delete.$Shape|null;
             *   createCollection?: replivec.v1.CreateCollection.$Shape|null;
             *   configureCollection?: replivec.v1.ConfigureCollection.$Shape|null;
             *   dropCollection?: replivec.v1.DropCollection.$Shape|null;
             *   update?: replivec.v1.Update.$Shape|null;
             *   version?: replivec.v1.Version.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ kind?: undefined; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "put"; put: replivec.v1.Put.$Shape; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "setVector"; put?: null; setVector: replivec.v1.SetVector.$Shape; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "setMetadata"; put?: null; setVector?: null; setMetadata: replivec.v1.SetMetadata.$Shape; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "delete"; put?: null; setVector?: null; setMetadata?: null; "delete": replivec.v1.Delete.$Shape; createCollection?: null; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "createCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection: replivec.v1.CreateCollection.$Shape; configureCollection?: null; dropCollection?: null; update?: null }|{ kind?: "configureCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection: replivec.v1.ConfigureCollection.$Shape; dropCollection?: null; update?: null }|{ kind?: "dropCollection"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection: replivec.v1.DropCollection.$Shape; update?: null }|{ kind?: "update"; put?: null; setVector?: null; setMetadata?: null; "delete"?: null; createCollection?: null; configureCollection?: null; dropCollection?: null; update: replivec.v1.Update.$Shape })
             * )} replivec.v1.Operation.$Shape
             */

            /**
             * Constructs a new Operation.
             * @memberof replivec.v1
             * @classdesc Represents an Operation.
             * @constructor
             * @param {replivec.v1.Operation.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Operation = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Operation put.
             * @member {replivec.v1.Put.$Properties|null|undefined} put
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.put = null;

            /**
             * Operation setVector.
             * @member {replivec.v1.SetVector.$Properties|null|undefined} setVector
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.setVector = null;

            /**
             * Operation setMetadata.
             * @member {replivec.v1.SetMetadata.$Properties|null|undefined} setMetadata
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.setMetadata = null;

            /**
             * Operation delete.
             * @member {replivec.v1.Delete.$Properties|null|undefined} delete
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype["delete"] = null;

            /**
             * Operation createCollection.
             * @member {replivec.v1.CreateCollection.$Properties|null|undefined} createCollection
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.createCollection = null;

            /**
             * Operation configureCollection.
             * @member {replivec.v1.ConfigureCollection.$Properties|null|undefined} configureCollection
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.configureCollection = null;

            /**
             * Operation dropCollection.
             * @member {replivec.v1.DropCollection.$Properties|null|undefined} dropCollection
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.dropCollection = null;

            /**
             * Operation update.
             * @member {replivec.v1.Update.$Properties|null|undefined} update
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.update = null;

            /**
             * Operation version.
             * @member {replivec.v1.Version.$Properties|null|undefined} version
             * @memberof replivec.v1.Operation
             * @instance
             */
            Operation.prototype.version = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * Operation kind.
             * @member {"put"|"setVector"|"setMetadata"|"delete"|"createCollection"|"configureCollection"|"dropCollection"|"update"|undefined} kind
             * @memberof replivec.v1.Operation
             * @instance
             */
            $Object.defineProperty(Operation.prototype, "kind", {
                get: $util.oneOfGetter($oneOfFields = ["put", "setVector", "setMetadata", "delete", "createCollection", "configureCollection", "dropCollection", "update"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Encodes the specified Operation message. Does not implicitly {@link replivec.v1.Operation.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Operation
             * @static
             * @param {replivec.v1.Operation.$Properties} message Operation message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Operation.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.put != null && $Object.hasOwnProperty.call(message, "put"))
                    $root.replivec.v1.Put.encode(message.put, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.setVector != null && $Object.hasOwnProperty.call(message, "setVector"))
                    $root.replivec.v1.SetVector.encode(message.setVector, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.setMetadata != null && $Object.hasOwnProperty.call(message, "setMetadata"))
                    $root.replivec.v1.SetMetadata.encode(message.setMetadata, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message["delete"] != null && $Object.hasOwnProperty.call(message, "delete"))
                    $root.replivec.v1.Delete.encode(message["delete"], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.createCollection != null && $Object.hasOwnProperty.call(message, "createCollection"))
                    $root.replivec.v1.CreateCollection.encode(message.createCollection, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.configureCollection != null && $Object.hasOwnProperty.call(message, "configureCollection"))
                    $root.replivec.v1.ConfigureCollection.encode(message.configureCollection, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.dropCollection != null && $Object.hasOwnProperty.call(message, "dropCollection"))
                    $root.replivec.v1.DropCollection.encode(message.dropCollection, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.update != null && $Object.hasOwnProperty.call(message, "update"))
                    $root.replivec.v1.Update.encode(message.update, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    $root.replivec.v1.Version.encode(message.version, writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Operation message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Operation
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Operation & replivec.v1.Operation.$Shape} Operation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Operation.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Operation();
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
                            message.put = $root.replivec.v1.Put.decode(reader, reader.size(), $undefined, _depth + 1, message.put);
                            message.kind = "put";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.setVector = $root.replivec.v1.SetVector.decode(reader, reader.size(), $undefined, _depth + 1, message.setVector);
                            message.kind = "setVector";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.setMetadata = $root.replivec.v1.SetMetadata.decode(reader, reader.size(), $undefined, _depth + 1, message.setMetadata);
                            message.kind = "setMetadata";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message["delete"] = $root.replivec.v1.Delete.decode(reader, reader.size(), $undefined, _depth + 1, message["delete"]);
                            message.kind = "delete";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.createCollection = $root.replivec.v1.CreateCollection.decode(reader, reader.size(), $undefined, _depth + 1, message.createCollection);
                            message.kind = "createCollection";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.configureCollection = $root.replivec.v1.ConfigureCollection.decode(reader, reader.size(), $undefined, _depth + 1, message.configureCollection);
                            message.kind = "configureCollection";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.dropCollection = $root.replivec.v1.DropCollection.decode(reader, reader.size(), $undefined, _depth + 1, message.dropCollection);
                            message.kind = "dropCollection";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.update = $root.replivec.v1.Update.decode(reader, reader.size(), $undefined, _depth + 1, message.update);
                            message.kind = "update";
                            continue;
                        }
                    case 15: {
                            if (wireType !== 2)
                                break;
                            message.version = $root.replivec.v1.Version.decode(reader, reader.size(), $undefined, _depth + 1, message.version);
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

            return Operation;
        })();

        v1.Version = (function() {

            /**
             * Properties of a Version.
             * @typedef {Object} replivec.v1.Version.$Properties
             * @property {string|null} [originId] Version originId
             * @property {number|null} [counter] Version counter
             * @property {number|null} [timeMs] Version timeMs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Version.
             * @memberof replivec.v1
             * @interface IVersion
             * @augments replivec.v1.Version.$Properties
             * @deprecated Use replivec.v1.Version.$Properties instead.
             */

            /**
             * Shape of a Version.
             * @typedef {replivec.v1.Version.$Properties} replivec.v1.Version.$Shape
             */

            /**
             * Constructs a new Version.
             * @memberof replivec.v1
             * @classdesc Represents a Version.
             * @constructor
             * @param {replivec.v1.Version.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Version = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Version originId.
             * @member {string} originId
             * @memberof replivec.v1.Version
             * @instance
             */
            Version.prototype.originId = "";

            /**
             * Version counter.
             * @member {number} counter
             * @memberof replivec.v1.Version
             * @instance
             */
            Version.prototype.counter = 0;

            /**
             * Version timeMs.
             * @member {number} timeMs
             * @memberof replivec.v1.Version
             * @instance
             */
            Version.prototype.timeMs = 0;

            /**
             * Encodes the specified Version message. Does not implicitly {@link replivec.v1.Version.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Version
             * @static
             * @param {replivec.v1.Version.$Properties} message Version message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Version.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.originId != null && $Object.hasOwnProperty.call(message, "originId") && message.originId !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.originId);
                if (message.counter != null && $Object.hasOwnProperty.call(message, "counter") && (typeof message.counter === "object" ? message.counter.low || message.counter.high : message.counter !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.counter);
                if (message.timeMs != null && $Object.hasOwnProperty.call(message, "timeMs") && (typeof message.timeMs === "object" ? message.timeMs.low || message.timeMs.high : message.timeMs !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.timeMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Version message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Version
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Version & replivec.v1.Version.$Shape} Version
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Version.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Version();
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
                                message.originId = value;
                            else
                                delete message.originId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.counter = value;
                            else
                                delete message.counter;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.timeMs = value;
                            else
                                delete message.timeMs;
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

            return Version;
        })();

        v1.Put = (function() {

            /**
             * Properties of a Put.
             * @typedef {Object} replivec.v1.Put.$Properties
             * @property {number|null} [collection] Put collection
             * @property {string|null} [id] Put id
             * @property {Uint8Array|null} [vector] Put vector
             * @property {string|null} [metadata] Put metadata
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Put.
             * @memberof replivec.v1
             * @interface IPut
             * @augments replivec.v1.Put.$Properties
             * @deprecated Use replivec.v1.Put.$Properties instead.
             */

            /**
             * Shape of a Put.
             * @typedef {replivec.v1.Put.$Properties} replivec.v1.Put.$Shape
             */

            /**
             * Constructs a new Put.
             * @memberof replivec.v1
             * @classdesc Represents a Put.
             * @constructor
             * @param {replivec.v1.Put.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Put = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Put collection.
             * @member {number} collection
             * @memberof replivec.v1.Put
             * @instance
             */
            Put.prototype.collection = 0;

            /**
             * Put id.
             * @member {string} id
             * @memberof replivec.v1.Put
             * @instance
             */
            Put.prototype.id = "";

            /**
             * Put vector.
             * @member {Uint8Array} vector
             * @memberof replivec.v1.Put
             * @instance
             */
            Put.prototype.vector = $util.newBuffer([]);

            /**
             * Put metadata.
             * @member {string} metadata
             * @memberof replivec.v1.Put
             * @instance
             */
            Put.prototype.metadata = "";

            /**
             * Encodes the specified Put message. Does not implicitly {@link replivec.v1.Put.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Put
             * @static
             * @param {replivec.v1.Put.$Properties} message Put message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Put.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.id);
                if (message.vector != null && $Object.hasOwnProperty.call(message, "vector") && message.vector.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.vector);
                if (message.metadata != null && $Object.hasOwnProperty.call(message, "metadata") && message.metadata !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.metadata);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Put message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Put
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Put & replivec.v1.Put.$Shape} Put
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Put.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Put();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.vector = value;
                            else
                                delete message.vector;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.metadata = value;
                            else
                                delete message.metadata;
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

            return Put;
        })();

        v1.SetVector = (function() {

            /**
             * Properties of a SetVector.
             * @typedef {Object} replivec.v1.SetVector.$Properties
             * @property {number|null} [collection] SetVector collection
             * @property {string|null} [id] SetVector id
             * @property {Uint8Array|null} [vector] SetVector vector
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SetVector.
             * @memberof replivec.v1
             * @interface ISetVector
             * @augments replivec.v1.SetVector.$Properties
             * @deprecated Use replivec.v1.SetVector.$Properties instead.
             */

            /**
             * Shape of a SetVector.
             * @typedef {replivec.v1.SetVector.$Properties} replivec.v1.SetVector.$Shape
             */

            /**
             * Constructs a new SetVector.
             * @memberof replivec.v1
             * @classdesc Represents a SetVector.
             * @constructor
             * @param {replivec.v1.SetVector.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SetVector = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SetVector collection.
             * @member {number} collection
             * @memberof replivec.v1.SetVector
             * @instance
             */
            SetVector.prototype.collection = 0;

            /**
             * SetVector id.
             * @member {string} id
             * @memberof replivec.v1.SetVector
             * @instance
             */
            SetVector.prototype.id = "";

            /**
             * SetVector vector.
             * @member {Uint8Array} vector
             * @memberof replivec.v1.SetVector
             * @instance
             */
            SetVector.prototype.vector = $util.newBuffer([]);

            /**
             * Encodes the specified SetVector message. Does not implicitly {@link replivec.v1.SetVector.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.SetVector
             * @static
             * @param {replivec.v1.SetVector.$Properties} message SetVector message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SetVector.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.id);
                if (message.vector != null && $Object.hasOwnProperty.call(message, "vector") && message.vector.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.vector);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SetVector message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.SetVector
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.SetVector & replivec.v1.SetVector.$Shape} SetVector
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SetVector.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.SetVector();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.vector = value;
                            else
                                delete message.vector;
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

            return SetVector;
        })();

        v1.SetMetadata = (function() {

            /**
             * Properties of a SetMetadata.
             * @typedef {Object} replivec.v1.SetMetadata.$Properties
             * @property {number|null} [collection] SetMetadata collection
             * @property {string|null} [id] SetMetadata id
             * @property {string|null} [set] SetMetadata set
             * @property {Array.<string>|null} [unset] SetMetadata unset
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SetMetadata.
             * @memberof replivec.v1
             * @interface ISetMetadata
             * @augments replivec.v1.SetMetadata.$Properties
             * @deprecated Use replivec.v1.SetMetadata.$Properties instead.
             */

            /**
             * Shape of a SetMetadata.
             * @typedef {replivec.v1.SetMetadata.$Properties} replivec.v1.SetMetadata.$Shape
             */

            /**
             * Constructs a new SetMetadata.
             * @memberof replivec.v1
             * @classdesc Represents a SetMetadata.
             * @constructor
             * @param {replivec.v1.SetMetadata.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SetMetadata = function (properties) {
                this.unset = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SetMetadata collection.
             * @member {number} collection
             * @memberof replivec.v1.SetMetadata
             * @instance
             */
            SetMetadata.prototype.collection = 0;

            /**
             * SetMetadata id.
             * @member {string} id
             * @memberof replivec.v1.SetMetadata
             * @instance
             */
            SetMetadata.prototype.id = "";

            /**
             * SetMetadata set.
             * @member {string} set
             * @memberof replivec.v1.SetMetadata
             * @instance
             */
            SetMetadata.prototype.set = "";

            /**
             * SetMetadata unset.
             * @member {Array.<string>} unset
             * @memberof replivec.v1.SetMetadata
             * @instance
             */
            SetMetadata.prototype.unset = $util.emptyArray;

            /**
             * Encodes the specified SetMetadata message. Does not implicitly {@link replivec.v1.SetMetadata.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.SetMetadata
             * @static
             * @param {replivec.v1.SetMetadata.$Properties} message SetMetadata message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SetMetadata.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.id);
                if (message.set != null && $Object.hasOwnProperty.call(message, "set") && message.set !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.set);
                if (message.unset != null && message.unset.length)
                    for (let i = 0; i < message.unset.length; ++i)
                        writer.uint32(/* id 4, wireType 2 =*/34).string(message.unset[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SetMetadata message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.SetMetadata
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.SetMetadata & replivec.v1.SetMetadata.$Shape} SetMetadata
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SetMetadata.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.SetMetadata();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.set = value;
                            else
                                delete message.set;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.unset && message.unset.length))
                                message.unset = [];
                            message.unset.push(reader.stringVerify());
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

            return SetMetadata;
        })();

        v1.Update = (function() {

            /**
             * Properties of an Update.
             * @typedef {Object} replivec.v1.Update.$Properties
             * @property {number|null} [collection] Update collection
             * @property {string|null} [id] Update id
             * @property {Uint8Array|null} [vector] Update vector
             * @property {string|null} [set] Update set
             * @property {Array.<string>|null} [unset] Update unset
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Update.
             * @memberof replivec.v1
             * @interface IUpdate
             * @augments replivec.v1.Update.$Properties
             * @deprecated Use replivec.v1.Update.$Properties instead.
             */

            /**
             * Shape of an Update.
             * @typedef {replivec.v1.Update.$Properties} replivec.v1.Update.$Shape
             */

            /**
             * Constructs a new Update.
             * @memberof replivec.v1
             * @classdesc Represents an Update.
             * @constructor
             * @param {replivec.v1.Update.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Update = function (properties) {
                this.unset = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Update collection.
             * @member {number} collection
             * @memberof replivec.v1.Update
             * @instance
             */
            Update.prototype.collection = 0;

            /**
             * Update id.
             * @member {string} id
             * @memberof replivec.v1.Update
             * @instance
             */
            Update.prototype.id = "";

            /**
             * Update vector.
             * @member {Uint8Array} vector
             * @memberof replivec.v1.Update
             * @instance
             */
            Update.prototype.vector = $util.newBuffer([]);

            /**
             * Update set.
             * @member {string} set
             * @memberof replivec.v1.Update
             * @instance
             */
            Update.prototype.set = "";

            /**
             * Update unset.
             * @member {Array.<string>} unset
             * @memberof replivec.v1.Update
             * @instance
             */
            Update.prototype.unset = $util.emptyArray;

            /**
             * Encodes the specified Update message. Does not implicitly {@link replivec.v1.Update.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Update
             * @static
             * @param {replivec.v1.Update.$Properties} message Update message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Update.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.id);
                if (message.vector != null && $Object.hasOwnProperty.call(message, "vector") && message.vector.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.vector);
                if (message.set != null && $Object.hasOwnProperty.call(message, "set") && message.set !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.set);
                if (message.unset != null && message.unset.length)
                    for (let i = 0; i < message.unset.length; ++i)
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.unset[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Update message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Update
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Update & replivec.v1.Update.$Shape} Update
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Update.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Update();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.vector = value;
                            else
                                delete message.vector;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.set = value;
                            else
                                delete message.set;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.unset && message.unset.length))
                                message.unset = [];
                            message.unset.push(reader.stringVerify());
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

            return Update;
        })();

        v1.Delete = (function() {

            /**
             * Properties of a Delete.
             * @typedef {Object} replivec.v1.Delete.$Properties
             * @property {number|null} [collection] Delete collection
             * @property {string|null} [id] Delete id
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Delete.
             * @memberof replivec.v1
             * @interface IDelete
             * @augments replivec.v1.Delete.$Properties
             * @deprecated Use replivec.v1.Delete.$Properties instead.
             */

            /**
             * Shape of a Delete.
             * @typedef {replivec.v1.Delete.$Properties} replivec.v1.Delete.$Shape
             */

            /**
             * Constructs a new Delete.
             * @memberof replivec.v1
             * @classdesc Represents a Delete.
             * @constructor
             * @param {replivec.v1.Delete.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Delete = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Delete collection.
             * @member {number} collection
             * @memberof replivec.v1.Delete
             * @instance
             */
            Delete.prototype.collection = 0;

            /**
             * Delete id.
             * @member {string} id
             * @memberof replivec.v1.Delete
             * @instance
             */
            Delete.prototype.id = "";

            /**
             * Encodes the specified Delete message. Does not implicitly {@link replivec.v1.Delete.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.Delete
             * @static
             * @param {replivec.v1.Delete.$Properties} message Delete message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Delete.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.id);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Delete message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.Delete
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.Delete & replivec.v1.Delete.$Shape} Delete
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Delete.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.Delete();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
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

            return Delete;
        })();

        v1.CreateCollection = (function() {

            /**
             * Properties of a CreateCollection.
             * @typedef {Object} replivec.v1.CreateCollection.$Properties
             * @property {string|null} [name] CreateCollection name
             * @property {number|null} [dimensions] CreateCollection dimensions
             * @property {string|null} [metric] CreateCollection metric
             * @property {string|null} [backend] CreateCollection backend
             * @property {Array.<string>|null} [indexed] CreateCollection indexed
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a CreateCollection.
             * @memberof replivec.v1
             * @interface ICreateCollection
             * @augments replivec.v1.CreateCollection.$Properties
             * @deprecated Use replivec.v1.CreateCollection.$Properties instead.
             */

            /**
             * Shape of a CreateCollection.
             * @typedef {replivec.v1.CreateCollection.$Properties} replivec.v1.CreateCollection.$Shape
             */

            /**
             * Constructs a new CreateCollection.
             * @memberof replivec.v1
             * @classdesc Represents a CreateCollection.
             * @constructor
             * @param {replivec.v1.CreateCollection.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const CreateCollection = function (properties) {
                this.indexed = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * CreateCollection name.
             * @member {string} name
             * @memberof replivec.v1.CreateCollection
             * @instance
             */
            CreateCollection.prototype.name = "";

            /**
             * CreateCollection dimensions.
             * @member {number} dimensions
             * @memberof replivec.v1.CreateCollection
             * @instance
             */
            CreateCollection.prototype.dimensions = 0;

            /**
             * CreateCollection metric.
             * @member {string} metric
             * @memberof replivec.v1.CreateCollection
             * @instance
             */
            CreateCollection.prototype.metric = "";

            /**
             * CreateCollection backend.
             * @member {string} backend
             * @memberof replivec.v1.CreateCollection
             * @instance
             */
            CreateCollection.prototype.backend = "";

            /**
             * CreateCollection indexed.
             * @member {Array.<string>} indexed
             * @memberof replivec.v1.CreateCollection
             * @instance
             */
            CreateCollection.prototype.indexed = $util.emptyArray;

            /**
             * Encodes the specified CreateCollection message. Does not implicitly {@link replivec.v1.CreateCollection.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.CreateCollection
             * @static
             * @param {replivec.v1.CreateCollection.$Properties} message CreateCollection message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            CreateCollection.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.dimensions != null && $Object.hasOwnProperty.call(message, "dimensions") && message.dimensions !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.dimensions);
                if (message.metric != null && $Object.hasOwnProperty.call(message, "metric") && message.metric !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.metric);
                if (message.backend != null && $Object.hasOwnProperty.call(message, "backend") && message.backend !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.backend);
                if (message.indexed != null && message.indexed.length)
                    for (let i = 0; i < message.indexed.length; ++i)
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.indexed[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a CreateCollection message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.CreateCollection
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.CreateCollection & replivec.v1.CreateCollection.$Shape} CreateCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            CreateCollection.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.CreateCollection();
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
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.dimensions = value;
                            else
                                delete message.dimensions;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.metric = value;
                            else
                                delete message.metric;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.backend = value;
                            else
                                delete message.backend;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.indexed && message.indexed.length))
                                message.indexed = [];
                            message.indexed.push(reader.stringVerify());
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

            return CreateCollection;
        })();

        v1.ConfigureCollection = (function() {

            /**
             * Properties of a ConfigureCollection.
             * @typedef {Object} replivec.v1.ConfigureCollection.$Properties
             * @property {number|null} [collection] ConfigureCollection collection
             * @property {string|null} [backend] ConfigureCollection backend
             * @property {Array.<string>|null} [indexed] ConfigureCollection indexed
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ConfigureCollection.
             * @memberof replivec.v1
             * @interface IConfigureCollection
             * @augments replivec.v1.ConfigureCollection.$Properties
             * @deprecated Use replivec.v1.ConfigureCollection.$Properties instead.
             */

            /**
             * Shape of a ConfigureCollection.
             * @typedef {replivec.v1.ConfigureCollection.$Properties} replivec.v1.ConfigureCollection.$Shape
             */

            /**
             * Constructs a new ConfigureCollection.
             * @memberof replivec.v1
             * @classdesc Represents a ConfigureCollection.
             * @constructor
             * @param {replivec.v1.ConfigureCollection.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ConfigureCollection = function (properties) {
                this.indexed = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ConfigureCollection collection.
             * @member {number} collection
             * @memberof replivec.v1.ConfigureCollection
             * @instance
             */
            ConfigureCollection.prototype.collection = 0;

            /**
             * ConfigureCollection backend.
             * @member {string} backend
             * @memberof replivec.v1.ConfigureCollection
             * @instance
             */
            ConfigureCollection.prototype.backend = "";

            /**
             * ConfigureCollection indexed.
             * @member {Array.<string>} indexed
             * @memberof replivec.v1.ConfigureCollection
             * @instance
             */
            ConfigureCollection.prototype.indexed = $util.emptyArray;

            /**
             * Encodes the specified ConfigureCollection message. Does not implicitly {@link replivec.v1.ConfigureCollection.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.ConfigureCollection
             * @static
             * @param {replivec.v1.ConfigureCollection.$Properties} message ConfigureCollection message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ConfigureCollection.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.backend != null && $Object.hasOwnProperty.call(message, "backend") && message.backend !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.backend);
                if (message.indexed != null && message.indexed.length)
                    for (let i = 0; i < message.indexed.length; ++i)
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.indexed[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ConfigureCollection message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.ConfigureCollection
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.ConfigureCollection & replivec.v1.ConfigureCollection.$Shape} ConfigureCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ConfigureCollection.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.ConfigureCollection();
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
                                message.collection = value;
                            else
                                delete message.collection;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.backend = value;
                            else
                                delete message.backend;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.indexed && message.indexed.length))
                                message.indexed = [];
                            message.indexed.push(reader.stringVerify());
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

            return ConfigureCollection;
        })();

        v1.DropCollection = (function() {

            /**
             * Properties of a DropCollection.
             * @typedef {Object} replivec.v1.DropCollection.$Properties
             * @property {number|null} [collection] DropCollection collection
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DropCollection.
             * @memberof replivec.v1
             * @interface IDropCollection
             * @augments replivec.v1.DropCollection.$Properties
             * @deprecated Use replivec.v1.DropCollection.$Properties instead.
             */

            /**
             * Shape of a DropCollection.
             * @typedef {replivec.v1.DropCollection.$Properties} replivec.v1.DropCollection.$Shape
             */

            /**
             * Constructs a new DropCollection.
             * @memberof replivec.v1
             * @classdesc Represents a DropCollection.
             * @constructor
             * @param {replivec.v1.DropCollection.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DropCollection = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DropCollection collection.
             * @member {number} collection
             * @memberof replivec.v1.DropCollection
             * @instance
             */
            DropCollection.prototype.collection = 0;

            /**
             * Encodes the specified DropCollection message. Does not implicitly {@link replivec.v1.DropCollection.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.DropCollection
             * @static
             * @param {replivec.v1.DropCollection.$Properties} message DropCollection message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DropCollection.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.collection != null && $Object.hasOwnProperty.call(message, "collection") && (typeof message.collection === "object" ? message.collection.low || message.collection.high : message.collection !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.collection);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DropCollection message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.DropCollection
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.DropCollection & replivec.v1.DropCollection.$Shape} DropCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DropCollection.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.DropCollection();
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
                                message.collection = value;
                            else
                                delete message.collection;
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

            return DropCollection;
        })();

        v1.StoreState = (function() {

            /**
             * Properties of a StoreState.
             * @typedef {Object} replivec.v1.StoreState.$Properties
             * @property {number|null} [format] StoreState format
             * @property {string|null} [historyId] StoreState historyId
             * @property {string|null} [nodeId] StoreState nodeId
             * @property {Array.<replivec.v1.Epoch.$Properties>|null} [epochs] StoreState epochs
             * @property {replivec.v1.Parent.$Properties|null} [parent] StoreState parent
             * @property {number|null} [appliedEpoch] StoreState appliedEpoch
             * @property {number|null} [appliedSeq] StoreState appliedSeq
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a StoreState.
             * @memberof replivec.v1
             * @interface IStoreState
             * @augments replivec.v1.StoreState.$Properties
             * @deprecated Use replivec.v1.StoreState.$Properties instead.
             */

            /**
             * Shape of a StoreState.
             * @typedef {replivec.v1.StoreState.$Properties} replivec.v1.StoreState.$Shape
             */

            /**
             * Constructs a new StoreState.
             * @memberof replivec.v1
             * @classdesc Represents a StoreState.
             * @constructor
             * @param {replivec.v1.StoreState.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const StoreState = function (properties) {
                this.epochs = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * StoreState format.
             * @member {number} format
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.format = 0;

            /**
             * StoreState historyId.
             * @member {string} historyId
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.historyId = "";

            /**
             * StoreState nodeId.
             * @member {string} nodeId
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.nodeId = "";

            /**
             * StoreState epochs.
             * @member {Array.<replivec.v1.Epoch.$Properties>} epochs
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.epochs = $util.emptyArray;

            /**
             * StoreState parent.
             * @member {replivec.v1.Parent.$Properties|null|undefined} parent
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.parent = null;

            /**
             * StoreState appliedEpoch.
             * @member {number} appliedEpoch
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.appliedEpoch = 0;

            /**
             * StoreState appliedSeq.
             * @member {number} appliedSeq
             * @memberof replivec.v1.StoreState
             * @instance
             */
            StoreState.prototype.appliedSeq = 0;

            /**
             * Encodes the specified StoreState message. Does not implicitly {@link replivec.v1.StoreState.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.StoreState
             * @static
             * @param {replivec.v1.StoreState.$Properties} message StoreState message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            StoreState.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.format != null && $Object.hasOwnProperty.call(message, "format") && message.format !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.format);
                if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.historyId);
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.nodeId);
                if (message.epochs != null && message.epochs.length)
                    for (let i = 0; i < message.epochs.length; ++i)
                        $root.replivec.v1.Epoch.encode(message.epochs[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.parent != null && $Object.hasOwnProperty.call(message, "parent"))
                    $root.replivec.v1.Parent.encode(message.parent, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.appliedEpoch != null && $Object.hasOwnProperty.call(message, "appliedEpoch") && (typeof message.appliedEpoch === "object" ? message.appliedEpoch.low || message.appliedEpoch.high : message.appliedEpoch !== 0))
                    writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.appliedEpoch);
                if (message.appliedSeq != null && $Object.hasOwnProperty.call(message, "appliedSeq") && (typeof message.appliedSeq === "object" ? message.appliedSeq.low || message.appliedSeq.high : message.appliedSeq !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.appliedSeq);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a StoreState message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.StoreState
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.StoreState & replivec.v1.StoreState.$Shape} StoreState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            StoreState.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.StoreState();
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
                                message.format = value;
                            else
                                delete message.format;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.historyId = value;
                            else
                                delete message.historyId;
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
                            if (!(message.epochs && message.epochs.length))
                                message.epochs = [];
                            message.epochs.push($root.replivec.v1.Epoch.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.parent = $root.replivec.v1.Parent.decode(reader, reader.size(), $undefined, _depth + 1, message.parent);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.appliedEpoch = value;
                            else
                                delete message.appliedEpoch;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.appliedSeq = value;
                            else
                                delete message.appliedSeq;
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

            return StoreState;
        })();

        v1.StoredCollection = (function() {

            /**
             * Properties of a StoredCollection.
             * @typedef {Object} replivec.v1.StoredCollection.$Properties
             * @property {string|null} [name] StoredCollection name
             * @property {number|null} [dimensions] StoredCollection dimensions
             * @property {string|null} [metric] StoredCollection metric
             * @property {string|null} [backend] StoredCollection backend
             * @property {Array.<replivec.v1.StoredField.$Properties>|null} [fields] StoredCollection fields
             * @property {number|null} [nextField] StoredCollection nextField
             * @property {boolean|null} [dropped] StoredCollection dropped
             * @property {Array.<number>|null} [retiredFields] StoredCollection retiredFields
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a StoredCollection.
             * @memberof replivec.v1
             * @interface IStoredCollection
             * @augments replivec.v1.StoredCollection.$Properties
             * @deprecated Use replivec.v1.StoredCollection.$Properties instead.
             */

            /**
             * Shape of a StoredCollection.
             * @typedef {replivec.v1.StoredCollection.$Properties} replivec.v1.StoredCollection.$Shape
             */

            /**
             * Constructs a new StoredCollection.
             * @memberof replivec.v1
             * @classdesc Represents a StoredCollection.
             * @constructor
             * @param {replivec.v1.StoredCollection.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const StoredCollection = function (properties) {
                this.fields = [];
                this.retiredFields = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * StoredCollection name.
             * @member {string} name
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.name = "";

            /**
             * StoredCollection dimensions.
             * @member {number} dimensions
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.dimensions = 0;

            /**
             * StoredCollection metric.
             * @member {string} metric
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.metric = "";

            /**
             * StoredCollection backend.
             * @member {string} backend
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.backend = "";

            /**
             * StoredCollection fields.
             * @member {Array.<replivec.v1.StoredField.$Properties>} fields
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.fields = $util.emptyArray;

            /**
             * StoredCollection nextField.
             * @member {number} nextField
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.nextField = 0;

            /**
             * StoredCollection dropped.
             * @member {boolean} dropped
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.dropped = false;

            /**
             * StoredCollection retiredFields.
             * @member {Array.<number>} retiredFields
             * @memberof replivec.v1.StoredCollection
             * @instance
             */
            StoredCollection.prototype.retiredFields = $util.emptyArray;

            /**
             * Encodes the specified StoredCollection message. Does not implicitly {@link replivec.v1.StoredCollection.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.StoredCollection
             * @static
             * @param {replivec.v1.StoredCollection.$Properties} message StoredCollection message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            StoredCollection.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.dimensions != null && $Object.hasOwnProperty.call(message, "dimensions") && message.dimensions !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.dimensions);
                if (message.metric != null && $Object.hasOwnProperty.call(message, "metric") && message.metric !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.metric);
                if (message.backend != null && $Object.hasOwnProperty.call(message, "backend") && message.backend !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.backend);
                if (message.fields != null && message.fields.length)
                    for (let i = 0; i < message.fields.length; ++i)
                        $root.replivec.v1.StoredField.encode(message.fields[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.nextField != null && $Object.hasOwnProperty.call(message, "nextField") && message.nextField !== 0)
                    writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.nextField);
                if (message.dropped != null && $Object.hasOwnProperty.call(message, "dropped") && message.dropped !== false)
                    writer.uint32(/* id 7, wireType 0 =*/56).bool(message.dropped);
                if (message.retiredFields != null && message.retiredFields.length)
                    writer.uint32(/* id 8, wireType 2 =*/66).uint32s(message.retiredFields);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a StoredCollection message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.StoredCollection
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.StoredCollection & replivec.v1.StoredCollection.$Shape} StoredCollection
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            StoredCollection.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.StoredCollection();
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
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.dimensions = value;
                            else
                                delete message.dimensions;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.metric = value;
                            else
                                delete message.metric;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.backend = value;
                            else
                                delete message.backend;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.fields && message.fields.length))
                                message.fields = [];
                            message.fields.push($root.replivec.v1.StoredField.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.nextField = value;
                            else
                                delete message.nextField;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.dropped = value;
                            else
                                delete message.dropped;
                            continue;
                        }
                    case 8: {
                            if (wireType === 2) {
                                if (!(message.retiredFields && message.retiredFields.length))
                                    message.retiredFields = [];
                                reader.uint32s(message.retiredFields);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.retiredFields && message.retiredFields.length))
                                message.retiredFields = [];
                            message.retiredFields.push(reader.uint32());
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

            return StoredCollection;
        })();

        v1.StoredField = (function() {

            /**
             * Properties of a StoredField.
             * @typedef {Object} replivec.v1.StoredField.$Properties
             * @property {string|null} [path] StoredField path
             * @property {number|null} [field] StoredField field
             * @property {number|null} [builtBelow] StoredField builtBelow
             * @property {boolean|null} [ready] StoredField ready
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a StoredField.
             * @memberof replivec.v1
             * @interface IStoredField
             * @augments replivec.v1.StoredField.$Properties
             * @deprecated Use replivec.v1.StoredField.$Properties instead.
             */

            /**
             * Shape of a StoredField.
             * @typedef {replivec.v1.StoredField.$Properties} replivec.v1.StoredField.$Shape
             */

            /**
             * Constructs a new StoredField.
             * @memberof replivec.v1
             * @classdesc Represents a StoredField.
             * @constructor
             * @param {replivec.v1.StoredField.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const StoredField = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * StoredField path.
             * @member {string} path
             * @memberof replivec.v1.StoredField
             * @instance
             */
            StoredField.prototype.path = "";

            /**
             * StoredField field.
             * @member {number} field
             * @memberof replivec.v1.StoredField
             * @instance
             */
            StoredField.prototype.field = 0;

            /**
             * StoredField builtBelow.
             * @member {number} builtBelow
             * @memberof replivec.v1.StoredField
             * @instance
             */
            StoredField.prototype.builtBelow = 0;

            /**
             * StoredField ready.
             * @member {boolean} ready
             * @memberof replivec.v1.StoredField
             * @instance
             */
            StoredField.prototype.ready = false;

            /**
             * Encodes the specified StoredField message. Does not implicitly {@link replivec.v1.StoredField.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.StoredField
             * @static
             * @param {replivec.v1.StoredField.$Properties} message StoredField message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            StoredField.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.path);
                if (message.field != null && $Object.hasOwnProperty.call(message, "field") && message.field !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.field);
                if (message.builtBelow != null && $Object.hasOwnProperty.call(message, "builtBelow") && message.builtBelow !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.builtBelow);
                if (message.ready != null && $Object.hasOwnProperty.call(message, "ready") && message.ready !== false)
                    writer.uint32(/* id 4, wireType 0 =*/32).bool(message.ready);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a StoredField message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.StoredField
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.StoredField & replivec.v1.StoredField.$Shape} StoredField
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            StoredField.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.StoredField();
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
                                message.path = value;
                            else
                                delete message.path;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.field = value;
                            else
                                delete message.field;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.builtBelow = value;
                            else
                                delete message.builtBelow;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.ready = value;
                            else
                                delete message.ready;
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

            return StoredField;
        })();

        v1.StoredRecord = (function() {

            /**
             * Properties of a StoredRecord.
             * @typedef {Object} replivec.v1.StoredRecord.$Properties
             * @property {string|null} [id] StoredRecord id
             * @property {number|null} [seq] StoredRecord seq
             * @property {string|null} [metadata] StoredRecord metadata
             * @property {replivec.v1.Version.$Properties|null} [version] StoredRecord version
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a StoredRecord.
             * @memberof replivec.v1
             * @interface IStoredRecord
             * @augments replivec.v1.StoredRecord.$Properties
             * @deprecated Use replivec.v1.StoredRecord.$Properties instead.
             */

            /**
             * Shape of a StoredRecord.
             * @typedef {replivec.v1.StoredRecord.$Properties} replivec.v1.StoredRecord.$Shape
             */

            /**
             * Constructs a new StoredRecord.
             * @memberof replivec.v1
             * @classdesc Represents a StoredRecord.
             * @constructor
             * @param {replivec.v1.StoredRecord.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const StoredRecord = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * StoredRecord id.
             * @member {string} id
             * @memberof replivec.v1.StoredRecord
             * @instance
             */
            StoredRecord.prototype.id = "";

            /**
             * StoredRecord seq.
             * @member {number} seq
             * @memberof replivec.v1.StoredRecord
             * @instance
             */
            StoredRecord.prototype.seq = 0;

            /**
             * StoredRecord metadata.
             * @member {string} metadata
             * @memberof replivec.v1.StoredRecord
             * @instance
             */
            StoredRecord.prototype.metadata = "";

            /**
             * StoredRecord version.
             * @member {replivec.v1.Version.$Properties|null|undefined} version
             * @memberof replivec.v1.StoredRecord
             * @instance
             */
            StoredRecord.prototype.version = null;

            /**
             * Encodes the specified StoredRecord message. Does not implicitly {@link replivec.v1.StoredRecord.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.StoredRecord
             * @static
             * @param {replivec.v1.StoredRecord.$Properties} message StoredRecord message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            StoredRecord.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.id);
                if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.seq);
                if (message.metadata != null && $Object.hasOwnProperty.call(message, "metadata") && message.metadata !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.metadata);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    $root.replivec.v1.Version.encode(message.version, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a StoredRecord message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.StoredRecord
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.StoredRecord & replivec.v1.StoredRecord.$Shape} StoredRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            StoredRecord.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.StoredRecord();
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
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.seq = value;
                            else
                                delete message.seq;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.metadata = value;
                            else
                                delete message.metadata;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.version = $root.replivec.v1.Version.decode(reader, reader.size(), $undefined, _depth + 1, message.version);
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

            return StoredRecord;
        })();

        v1.BackupHeader = (function() {

            /**
             * Properties of a BackupHeader.
             * @typedef {Object} replivec.v1.BackupHeader.$Properties
             * @property {number|null} [format] BackupHeader format
             * @property {string|null} [historyId] BackupHeader historyId
             * @property {string|null} [nodeId] BackupHeader nodeId
             * @property {number|null} [epoch] BackupHeader epoch
             * @property {number|null} [seq] BackupHeader seq
             * @property {number|null} [createdAtMs] BackupHeader createdAtMs
             * @property {number|null} [entries] BackupHeader entries
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a BackupHeader.
             * @memberof replivec.v1
             * @interface IBackupHeader
             * @augments replivec.v1.BackupHeader.$Properties
             * @deprecated Use replivec.v1.BackupHeader.$Properties instead.
             */

            /**
             * Shape of a BackupHeader.
             * @typedef {replivec.v1.BackupHeader.$Properties} replivec.v1.BackupHeader.$Shape
             */

            /**
             * Constructs a new BackupHeader.
             * @memberof replivec.v1
             * @classdesc Represents a BackupHeader.
             * @constructor
             * @param {replivec.v1.BackupHeader.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const BackupHeader = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * BackupHeader format.
             * @member {number} format
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.format = 0;

            /**
             * BackupHeader historyId.
             * @member {string} historyId
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.historyId = "";

            /**
             * BackupHeader nodeId.
             * @member {string} nodeId
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.nodeId = "";

            /**
             * BackupHeader epoch.
             * @member {number} epoch
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.epoch = 0;

            /**
             * BackupHeader seq.
             * @member {number} seq
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.seq = 0;

            /**
             * BackupHeader createdAtMs.
             * @member {number} createdAtMs
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.createdAtMs = 0;

            /**
             * BackupHeader entries.
             * @member {number} entries
             * @memberof replivec.v1.BackupHeader
             * @instance
             */
            BackupHeader.prototype.entries = 0;

            /**
             * Encodes the specified BackupHeader message. Does not implicitly {@link replivec.v1.BackupHeader.verify|verify} messages.
             * @function encode
             * @memberof replivec.v1.BackupHeader
             * @static
             * @param {replivec.v1.BackupHeader.$Properties} message BackupHeader message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            BackupHeader.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.format != null && $Object.hasOwnProperty.call(message, "format") && message.format !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.format);
                if (message.historyId != null && $Object.hasOwnProperty.call(message, "historyId") && message.historyId !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.historyId);
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.nodeId);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.epoch);
                if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.seq);
                if (message.createdAtMs != null && $Object.hasOwnProperty.call(message, "createdAtMs") && (typeof message.createdAtMs === "object" ? message.createdAtMs.low || message.createdAtMs.high : message.createdAtMs !== 0))
                    writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.createdAtMs);
                if (message.entries != null && $Object.hasOwnProperty.call(message, "entries") && (typeof message.entries === "object" ? message.entries.low || message.entries.high : message.entries !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.entries);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a BackupHeader message from the specified reader or buffer.
             * @function decode
             * @memberof replivec.v1.BackupHeader
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {replivec.v1.BackupHeader & replivec.v1.BackupHeader.$Shape} BackupHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            BackupHeader.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.replivec.v1.BackupHeader();
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
                                message.format = value;
                            else
                                delete message.format;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.historyId = value;
                            else
                                delete message.historyId;
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
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.seq = value;
                            else
                                delete message.seq;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.createdAtMs = value;
                            else
                                delete message.createdAtMs;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.entries = value;
                            else
                                delete message.entries;
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

            return BackupHeader;
        })();

        return v1;
    })();

    return replivec;
})();

export {
  $root as default
};
