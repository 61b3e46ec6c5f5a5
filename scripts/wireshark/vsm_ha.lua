-- Teaches Wireshark and tshark to read the frames of a vsm-ha domain.
--
-- docs/wire-format.md documents every byte and names each filter; libha/wire is what it must agree
-- with, and test/wireshark/dissector_test.py checks that it does. It only reads: it never judges a
-- frame as the programs do, it shows what is there and marks what no program of this version sends.
--
--   tshark -X lua_script:scripts/wireshark/vsm_ha.lua -r capture.pcap -Y 'vsmha.type == 1'
--   tshark -o vsmha.ethertype:34998 …   for another EtherType than the default, in decimal

local proto = Proto("vsmha", "VSM-HA")

local HEADER_SIZE = 32
local MAGIC = 0x56534841
local CHANNEL_DATA_FIXED = 13
local CHANNEL_ACK_FIXED = 16
local PORTS_FIXED = 4
local CHANNEL_RANGE = 16

local TYPES = {
    [1] = "hello",
    [2] = "heartbeat-request",
    [3] = "heartbeat-response",
    [4] = "leaving",
    [5] = "module-beacon",
    [6] = "switch-request",
    [7] = "module-hello",
    [8] = "module-accept",
    [9] = "module-heartbeat",
    [10] = "module-heartbeat-reply",
    [11] = "module-detach",
    [12] = "channel-data",
    [13] = "channel-ack",
    [14] = "state-applied",
    [15] = "exchange-data",
    [16] = "exchange-ack",
}
local TLVS = {
    [1] = "status",
    [2] = "number",
    [3] = "my-tuple",
    [4] = "your-tuple",
    [5] = "leaving",
    [9] = "other-supervisor",
    [10] = "host",
    [11] = "host-name",
    [12] = "names",
    [13] = "module-number",
    [14] = "module-wish",
    [15] = "heartbeat-interval",
    [16] = "detach-reason",
    [17] = "channel-data",
    [18] = "channel-ack",
    [19] = "applied",
    [20] = "port-orders",
    [21] = "port-report",
    [22] = "new-domain",
    [23] = "ordered-by",
    [255] = "seal",
}
local ROLES = { [0] = "standalone", [1] = "primary", [2] = "secondary" }
local PORTS = { [1] = "control", [2] = "mgmt" }
local STATES = {
    [1] = "initializing",
    [2] = "waiting",
    [3] = "active",
    [4] = "standby-syncing",
    [5] = "standby-ha",
    [6] = "switching-over",
}
local LEAVE_REASONS = {
    [1] = "stop",
    [2] = "reload",
    [3] = "switchover",
    [4] = "reset",
    [5] = "crash",
}
local DETACH_REASONS = {
    [1] = "stopping",
    [2] = "switched",
    [3] = "not-attached",
    [4] = "table-full",
    [5] = "reload",
}
local PORT_ORDERS = { [0] = "none", [1] = "shutdown", [2] = "no-shutdown" }
local PERSONALITIES = { [0] = "VSM", [1] = "VSG" }

local f = {
    magic = ProtoField.uint32("vsmha.magic", "Magic", base.HEX),
    version = ProtoField.uint8("vsmha.version", "Version"),
    type = ProtoField.uint8("vsmha.type", "Type", base.DEC, TYPES),
    length = ProtoField.uint16("vsmha.length", "Length"),
    reserved = ProtoField.uint16("vsmha.reserved", "Reserved", base.HEX),
    domain = ProtoField.uint16("vsmha.domain", "Domain"),
    slot = ProtoField.uint8("vsmha.slot", "Slot"),
    role = ProtoField.uint8("vsmha.role", "Role", base.DEC, ROLES),
    port = ProtoField.uint8("vsmha.port", "Port", base.DEC, PORTS),
    reserved2 = ProtoField.uint8("vsmha.reserved2", "Reserved", base.HEX),
    incarnation = ProtoField.uint64("vsmha.incarnation", "Incarnation", base.HEX),
    sequence = ProtoField.uint64("vsmha.sequence", "Sequence"),

    tlv = ProtoField.none("vsmha.tlv", "TLV"),
    tlv_type = ProtoField.uint16("vsmha.tlv.type", "TLV type", base.DEC, TLVS),
    tlv_length = ProtoField.uint16("vsmha.tlv.length", "TLV length"),
    tlv_value = ProtoField.bytes("vsmha.tlv.value", "Value"),

    state = ProtoField.uint8("vsmha.state", "State", base.DEC, STATES),
    flags = ProtoField.uint8("vsmha.flags", "Flags", base.HEX),
    reset_yourself = ProtoField.bool("vsmha.flags.reset_yourself", "Reset yourself", 8, nil, 0x01),
    reset_me = ProtoField.bool("vsmha.flags.reset_me", "Reset me", 8, nil, 0x02),
    synchronized = ProtoField.bool("vsmha.flags.synchronized", "Synchronized", 8, nil, 0x04),
    peer_present = ProtoField.bool("vsmha.flags.peer_present", "Peer present", 8, nil, 0x08),
    degraded = ProtoField.bool("vsmha.flags.degraded", "Degraded", 8, nil, 0x10),
    switch_over = ProtoField.bool("vsmha.flags.switch_over", "Switch over", 8, nil, 0x20),
    names = ProtoField.uint64("vsmha.names", "Names incarnation", base.HEX),
    heartbeat_interval = ProtoField.uint32("vsmha.heartbeat_interval", "Heartbeat interval (us)"),
    loss_interval = ProtoField.uint32("vsmha.loss_interval", "Loss interval (us)"),
    revision = ProtoField.uint64("vsmha.revision", "Revision"),
    applied_revision = ProtoField.uint64("vsmha.applied_revision", "Applied revision"),

    number = ProtoField.uint32("vsmha.number", "Number"),

    tuple_number = ProtoField.uint32("vsmha.tuple.number", "Freeze number"),
    tuple_modules = ProtoField.uint16("vsmha.tuple.modules", "Modules attached"),
    tuple_maker = ProtoField.uint64("vsmha.tuple.maker", "Configuration maker", base.HEX),
    tuple_revision = ProtoField.uint64("vsmha.tuple.revision", "Configuration revision"),
    tuple_configuration_age =
        ProtoField.uint64("vsmha.tuple.configuration_age_ms", "Configuration age (ms)"),
    tuple_active_age = ProtoField.uint64("vsmha.tuple.active_age_ms", "Active for (ms)"),
    tuple_vsg = ProtoField.uint8("vsmha.tuple.vsg", "Personality", base.DEC, PERSONALITIES),

    subject = ProtoField.uint64("vsmha.subject", "Leaving incarnation", base.HEX),
    leave_reason = ProtoField.uint8("vsmha.leave_reason", "Reason", base.DEC, LEAVE_REASONS),

    other_supervisor = ProtoField.ether("vsmha.other_supervisor", "Other supervisor"),
    host = ProtoField.guid("vsmha.host", "Host"),
    host_name = ProtoField.string("vsmha.host_name", "Host name"),
    module = ProtoField.uint8("vsmha.module", "Module"),
    wanted = ProtoField.uint8("vsmha.wanted", "Wanted module"),
    headless = ProtoField.bool("vsmha.headless", "Headless"),
    detach_reason = ProtoField.uint8("vsmha.detach_reason", "Reason", base.DEC, DETACH_REASONS),

    channel_stream = ProtoField.uint32("vsmha.channel.stream", "Stream"),
    channel_number = ProtoField.uint64("vsmha.channel.number", "Number"),
    channel_flags = ProtoField.uint8("vsmha.channel.flags", "Flags", base.HEX),
    channel_first = ProtoField.bool("vsmha.channel.first", "First of its message", 8, nil, 0x01),
    channel_last = ProtoField.bool("vsmha.channel.last", "Last of its message", 8, nil, 0x02),
    channel_answer = ProtoField.bool("vsmha.channel.answer", "Answer at once", 8, nil, 0x04),
    channel_bytes = ProtoField.bytes("vsmha.channel.bytes", "Bytes"),
    channel_next = ProtoField.uint64("vsmha.channel.next", "Next expected"),
    channel_window = ProtoField.uint32("vsmha.channel.window", "Window"),
    channel_range_first = ProtoField.uint64("vsmha.channel.range_first", "Has from"),
    channel_range_last = ProtoField.uint64("vsmha.channel.range_last", "Has to"),

    new_domain = ProtoField.uint16("vsmha.new_domain", "New domain"),
    ordered_by = ProtoField.string("vsmha.ordered_by", "Ordered by"),
    port_orders = ProtoField.uint32("vsmha.port.orders", "Number of these orders"),
    port_order = ProtoField.uint8("vsmha.port.order", "Order for a port", base.DEC, PORT_ORDERS),
    port_held = ProtoField.uint32("vsmha.port.held", "Number of the orders held"),
    port_state = ProtoField.uint8("vsmha.port.state", "State of a port", base.HEX),
    port_present = ProtoField.bool("vsmha.port.present", "Present", 8, nil, 0x01),
    port_admin_up = ProtoField.bool("vsmha.port.admin_up", "Administratively up", 8, nil, 0x02),
    port_link = ProtoField.bool("vsmha.port.link", "Link", 8, nil, 0x04),
    port_forwards = ProtoField.bool("vsmha.port.forwards", "In the bridge", 8, nil, 0x08),
    port_disobeys = ProtoField.bool("vsmha.port.disobeys", "Cannot be as ordered", 8, nil, 0x10),

    seal_key = ProtoField.uint8("vsmha.seal.key", "Key id"),
    seal_proof = ProtoField.bytes("vsmha.seal.proof", "Proof"),
    padding = ProtoField.bytes("vsmha.padding", "Padding"),
}
proto.fields = f

local e = {
    magic = ProtoExpert.new("vsmha.bad_magic", "Not a frame of this protocol",
        expert.group.MALFORMED, expert.severity.ERROR),
    version = ProtoExpert.new("vsmha.unsupported_version", "A version this dissector does not know",
        expert.group.UNDECODED, expert.severity.WARN),
    truncated = ProtoExpert.new("vsmha.truncated", "Shorter than announced",
        expert.group.MALFORMED, expert.severity.ERROR),
    tlv_length = ProtoExpert.new("vsmha.bad_tlv_length", "Impossible length for this TLV",
        expert.group.MALFORMED, expert.severity.ERROR),
    reserved = ProtoExpert.new("vsmha.reserved_bits", "Reserved bits are set",
        expert.group.PROTOCOL, expert.severity.WARN),
}
proto.experts = e

proto.prefs.ethertype = Pref.uint("EtherType", 0x88b5, "The EtherType configured in the domain")

-- The fields of each TLV of fixed size: field and its bytes, in order.
local TUPLE = {
    { f.tuple_number, 4 }, { f.tuple_modules, 2 }, { f.tuple_maker, 8 }, { f.tuple_revision, 8 },
    { f.tuple_configuration_age, 8 }, { f.tuple_active_age, 8 }, { f.tuple_vsg, 1 },
}
local LAYOUTS = {
    [1] = {
        { f.state, 1 }, { f.flags, 1 }, { f.names, 8 }, { f.heartbeat_interval, 4 },
        { f.loss_interval, 4 }, { f.revision, 8 }, { f.applied_revision, 8 },
    },
    [2] = { { f.number, 4 } },
    [3] = TUPLE,
    [4] = TUPLE,
    [5] = { { f.subject, 8 }, { f.leave_reason, 1 } },
    [9] = { { f.other_supervisor, 6 } },
    [10] = { { f.host, 16 } },
    [12] = { { f.names, 8 } },
    [13] = { { f.module, 1 } },
    [14] = { { f.wanted, 1 }, { f.headless, 1 } },
    [15] = { { f.heartbeat_interval, 4 } },
    [16] = { { f.detach_reason, 1 } },
    [19] = { { f.applied_revision, 8 } },
    [22] = { { f.new_domain, 2 } },
    [255] = { { f.seal_key, 1 }, { f.seal_proof, 32 } },
}
local FLAG_BITS = {
    f.reset_yourself, f.reset_me, f.synchronized, f.peer_present, f.degraded, f.switch_over,
}

local function size_of(layout)
    local size = 0
    for _, field in ipairs(layout) do
        size = size + field[2]
    end
    return size
end

local function add_fields(tree, value, layout)
    local offset = 0
    for _, field in ipairs(layout) do
        local range = value(offset, field[2])
        local item = tree:add(field[1], range)
        if field[1] == f.flags then
            for _, bit in ipairs(FLAG_BITS) do
                item:add(bit, range)
            end
        end
        offset = offset + field[2]
    end
end

local function add_channel_data(tree, value)
    if value:len() < CHANNEL_DATA_FIXED then
        tree:add_proto_expert_info(e.tlv_length)
        return
    end
    tree:add(f.channel_stream, value(0, 4))
    tree:add(f.channel_number, value(4, 8))
    local flags = tree:add(f.channel_flags, value(12, 1))
    flags:add(f.channel_first, value(12, 1))
    flags:add(f.channel_last, value(12, 1))
    flags:add(f.channel_answer, value(12, 1))
    if value:len() > CHANNEL_DATA_FIXED then
        tree:add(f.channel_bytes, value(CHANNEL_DATA_FIXED))
    end
end

local function add_channel_ack(tree, value)
    local ranges = value:len() - CHANNEL_ACK_FIXED
    if ranges < 0 or ranges % CHANNEL_RANGE ~= 0 then
        tree:add_proto_expert_info(e.tlv_length)
        return
    end
    tree:add(f.channel_stream, value(0, 4))
    tree:add(f.channel_next, value(4, 8))
    tree:add(f.channel_window, value(12, 4))
    for offset = CHANNEL_ACK_FIXED, value:len() - 1, CHANNEL_RANGE do
        tree:add(f.channel_range_first, value(offset, 8))
        tree:add(f.channel_range_last, value(offset + 8, 8))
    end
end

local PORT_BITS = {
    f.port_present, f.port_admin_up, f.port_link, f.port_forwards, f.port_disobeys,
}

local function add_ports(tree, value, number, each, bits)
    if value:len() < PORTS_FIXED then
        tree:add_proto_expert_info(e.tlv_length)
        return
    end
    tree:add(number, value(0, 4))
    for offset = PORTS_FIXED, value:len() - 1 do
        local item = tree:add(each, value(offset, 1))
        for _, bit in ipairs(bits) do
            item:add(bit, value(offset, 1))
        end
    end
end

-- `value` is nil when the TLV is empty: a range of no bytes does not exist in Lua.
local function add_value(tree, kind, value, length)
    local layout = LAYOUTS[kind]
    if layout then
        if length ~= size_of(layout) then
            tree:add_proto_expert_info(e.tlv_length)
        else
            add_fields(tree, value, layout)
        end
    elseif not value then
        return
    elseif kind == 11 then
        tree:add(f.host_name, value)
    elseif kind == 23 then
        tree:add(f.ordered_by, value)
    elseif kind == 17 then
        add_channel_data(tree, value)
    elseif kind == 18 then
        add_channel_ack(tree, value)
    elseif kind == 20 then
        add_ports(tree, value, f.port_orders, f.port_order, {})
    elseif kind == 21 then
        add_ports(tree, value, f.port_held, f.port_state, PORT_BITS)
    else
        tree:add(f.tlv_value, value)
    end
end

local function add_tlvs(tree, buffer, offset, last)
    while offset < last do
        if last - offset < 4 then
            tree:add_proto_expert_info(e.truncated)
            return
        end
        local kind = buffer(offset, 2):uint()
        local length = buffer(offset + 2, 2):uint()
        if length > last - offset - 4 then
            tree:add_proto_expert_info(e.truncated)
            return
        end
        local item = tree:add(f.tlv, buffer(offset, 4 + length))
        item:set_text("TLV: " .. (TLVS[kind] or ("unknown " .. kind)))
        item:add(f.tlv_type, buffer(offset, 2))
        item:add(f.tlv_length, buffer(offset + 2, 2))
        local value = nil
        if length > 0 then
            value = buffer(offset + 4, length)
        end
        add_value(item, kind, value, length)
        offset = offset + 4 + length
    end
end

local function add_header(tree, buffer)
    tree:add(f.type, buffer(5, 1))
    tree:add(f.length, buffer(6, 2))
    local reserved = tree:add(f.reserved, buffer(8, 2))
    tree:add(f.domain, buffer(10, 2))
    tree:add(f.slot, buffer(12, 1))
    tree:add(f.role, buffer(13, 1))
    tree:add(f.port, buffer(14, 1))
    local reserved2 = tree:add(f.reserved2, buffer(15, 1))
    tree:add(f.incarnation, buffer(16, 8))
    tree:add(f.sequence, buffer(24, 8))
    if buffer(8, 2):uint() ~= 0 then
        reserved:add_proto_expert_info(e.reserved)
    end
    if buffer(15, 1):uint() ~= 0 then
        reserved2:add_proto_expert_info(e.reserved)
    end
end

local function summary(buffer)
    local slot = buffer(12, 1):uint()
    local role = ROLES[buffer(13, 1):uint()] or "?"
    local sender = "module " .. slot
    if slot == 1 or slot == 2 then
        sender = role .. " (slot " .. slot .. ")"
    end
    return string.format("%s from %s, domain %d, sequence %s",
        TYPES[buffer(5, 1):uint()] or "unknown", sender, buffer(10, 2):uint(),
        tostring(buffer(24, 8):uint64()))
end

function proto.dissector(buffer, pinfo, root)
    pinfo.cols.protocol = "VSM-HA"
    local tree = root:add(proto, buffer())
    if buffer:len() < 5 then
        tree:add_proto_expert_info(e.truncated)
        return
    end
    local magic = tree:add(f.magic, buffer(0, 4))
    if buffer(0, 4):uint() ~= MAGIC then
        magic:add_proto_expert_info(e.magic)
        return
    end
    local version = tree:add(f.version, buffer(4, 1))
    if buffer(4, 1):uint() ~= 1 then
        version:add_proto_expert_info(e.version)
        return
    end
    if buffer:len() < HEADER_SIZE then
        tree:add_proto_expert_info(e.truncated)
        return
    end
    pinfo.cols.info = summary(buffer)
    add_header(tree, buffer)
    local last = buffer(6, 2):uint()
    if last < HEADER_SIZE or last > buffer:len() then
        tree:add_proto_expert_info(e.truncated)
        last = buffer:len()
    end
    add_tlvs(tree, buffer, HEADER_SIZE, last)
    if last < buffer:len() then
        tree:add(f.padding, buffer(last))
    end
end

local ethertypes = DissectorTable.get("ethertype")
local registered = nil

local function register()
    if registered then
        ethertypes:remove(registered, proto)
    end
    registered = proto.prefs.ethertype
    ethertypes:add(registered, proto)
end

function proto.prefs_changed()
    register()
end

register()
