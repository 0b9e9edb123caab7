import type { FamilyName } from "./families.ts";

/** What a technician looks at first, family by family. */
export const HINTS: Readonly<Record<FamilyName, { readonly en: string; readonly zh: string }>> = {
  // Fuel and air
  "air-flow": {
    en: "Look for a clogged air filter and for leaks behind the sensor; clean or unplug the sensor and compare.",
    zh: "先查空气滤芯是否堵塞、传感器之后是否漏气;清洁传感器,必要时拔下插头对比。",
  },
  "air-temperature": {
    en: "Compare the reading with the outside temperature on a cold car, then check plug and wiring.",
    zh: "冷车时将读数与环境温度对比,再检查插头和线束。",
  },
  throttle: {
    en: "Expect reduced power. Compare both position signals, check the plug, clean the throttle body and relearn it.",
    zh: "车辆可能限功率。对比两路位置信号,检查插头,清洗节气门后重新匹配。",
  },
  "throttle-stuck": {
    en: "The throttle does not follow its command. With the engine off, see whether the plate moves freely.",
    zh: "节气门不按指令动作。熄火后检查阀板是否活动自如。",
  },
  mixture: {
    en: "Read the fuel trims at idle and at 2500 rpm: intake leak, fuel pressure, exhaust leak before the sensor.",
    zh: "分别在怠速和 2500 转读取燃油修正:查进气漏气、燃油压力、传感器前排气漏气。",
  },
  "fuel-pressure": {
    en: "Measure the real fuel pressure, then look at filter, pump supply and regulator.",
    zh: "先实测燃油压力,再查滤清器、油泵供电和调压阀。",
  },
  "fuel-leak": {
    en: "Fire hazard: look for leaking fuel with the engine off and cold; no open flame.",
    zh: "有起火危险:熄火冷车后检查燃油泄漏,严禁明火。",
  },
  "fuel-pump": {
    en: "The engine may stop. Check fuse, relay, plug and the voltage at the pump under load.",
    zh: "可能中途熄火。检查保险丝、继电器、插头及带载时油泵端电压。",
  },
  "fuel-level": {
    en: "Do not trust the fuel gauge; check the sender, its plug and its ground.",
    zh: "油量表不可信;检查油位传感器、插头和搭铁。",
  },
  "fuel-quality": {
    en: "Ask what was filled in and where; drain the water separator and take a sample.",
    zh: "询问加油地点和油品;放掉油水分离器中的水并取样。",
  },
  injector: {
    en: "Swap the injector plug or injector with a neighbour's and see whether the fault moves; measure resistance.",
    zh: "与相邻缸互换插头或喷油器,看故障是否转移;测量电阻。",
  },
  turbo: {
    en: "Keep the load low. Check charge hoses, vacuum lines, actuator travel and boost against its target.",
    zh: "避免大负荷。检查增压管路、真空管、执行器行程及增压压力与目标值。",
  },
  "charge-cooling": {
    en: "Check the plug, then charge air temperature before and after the cooler.",
    zh: "检查插头,再对比中冷器前后的增压空气温度。",
  },
  "intake-flap": {
    en: "See whether flap or valve moves over its whole travel: soot, broken linkage, vacuum.",
    zh: "检查翻板或阀能否全行程动作:积炭、连杆断裂、真空。",
  },
  idle: {
    en: "The engine may stall when coasting. Look for air leaks and a dirty throttle body or idle valve.",
    zh: "滑行时可能熄火。检查漏气,以及节气门体或怠速阀积炭。",
  },
  // Ignition and engine
  misfire: {
    en: "Do not drive while the engine lamp flashes: the catalyst burns. Plug, coil, injector, compression, in this order.",
    zh: "故障灯闪烁时不要行驶,会烧毁催化器。依次检查火花塞、点火线圈、喷油器、缸压。",
  },
  ignition: {
    en: "Swap coils between two cylinders and see whether the fault moves; check plug, supply and ground.",
    zh: "互换两缸点火线圈,看故障是否转移;检查插头、供电和搭铁。",
  },
  knock: {
    en: "Avoid full load. Check fuel grade, sensor torque and wiring, and noises of the engine.",
    zh: "避免全负荷。检查燃油标号、传感器拧紧力矩和线束、发动机异响。",
  },
  "crank-cam-sensor": {
    en: "The engine may stop or not start. Check plug, air gap, metal swarf and the tone wheel.",
    zh: "可能熄火或无法起动。检查插头、间隙、铁屑和信号轮。",
  },
  "valve-timing": {
    en: "Check oil level and quality first, then the control valve, then chain or belt timing; do not rev a rattling engine.",
    zh: "先查机油油位和品质,再查控制阀,最后核对正时链条或皮带;有异响时不要拉高转速。",
  },
  "cylinder-cut-off": {
    en: "Check oil level, pressure and quality, then the valve's plug and resistance.",
    zh: "检查机油油位、压力和品质,再查控制阀插头和电阻。",
  },
  "glow-plug": {
    en: "Cold starts are harder. Measure the glow plug's resistance, then fuse and control module.",
    zh: "冷起动困难。测量预热塞电阻,再查保险丝和控制模块。",
  },
  "oil-pressure": {
    en: "Check the oil level before anything else; if the red oil lamp is on, switch off and measure the pressure by hand.",
    zh: "首先检查机油油位;若红色机油灯点亮,立即熄火并用压力表实测。",
  },
  "oil-pressure-lost": {
    en: "Switch the engine off. Check the oil level, then measure the pressure with a gauge before any start.",
    zh: "立即熄火。先查机油油位,再起动前用压力表实测油压。",
  },
  "oil-level": {
    en: "Read the dipstick on level ground and look for leaks; diluted or overdue oil is changed before going on.",
    zh: "在平地查看机油尺并检查泄漏;机油被稀释或超期时先更换。",
  },
  "crankcase-ventilation": {
    en: "Look for split or loose ventilation hoses and a frozen or clogged valve.",
    zh: "检查曲轴箱通风管是否破裂、脱落,阀是否结冰或堵塞。",
  },
  overspeed: {
    en: "Ask how it happened (wrong gear, runaway diesel) and listen to the engine before a test drive.",
    zh: "询问发生经过(误挂挡、柴油机飞车),试车前先听发动机异响。",
  },
  "vehicle-speed": {
    en: "Compare the speed in all control units: often it is a wheel speed sensor or its plug.",
    zh: "对比各控制单元的车速,多为轮速传感器或插头问题。",
  },
  cruise: {
    en: "Only the cruise control is off. Check switch, spiral cable and brake switch.",
    zh: "仅定速巡航不可用。检查开关、游丝和制动开关。",
  },
  immobiliser: {
    en: "The car may not start again. Try the second key, then check the reading coil.",
    zh: "可能无法再次起动。先试备用钥匙,再查识读线圈。",
  },
  // Emissions
  "oxygen-sensor": {
    en: "Look for exhaust leaks, then check plug and wiring near hot parts; watch the signal live.",
    zh: "先查排气漏气,再查靠近高温件的插头和线束;观察实时信号。",
  },
  "oxygen-heater": {
    en: "Check the heater's fuse, then its resistance on the cold sensor.",
    zh: "先查加热器保险丝,再在冷态测量加热电阻。",
  },
  catalyst: {
    en: "Mend misfire, mixture and exhaust leaks first; then compare both oxygen sensors before replacing the catalyst.",
    zh: "先排除失火、混合气和排气漏气;对比前后氧传感器后再决定是否更换催化器。",
  },
  "exhaust-too-hot": {
    en: "Fire hazard under the car: let it cool, then look for misfire, rich mixture or a regeneration that will not end.",
    zh: "车底有起火危险:先冷却,再查失火、混合气过浓或再生不停止。",
  },
  "exhaust-temperature": {
    en: "Power or regeneration may be limited. Check the sensor's plug and compare with its neighbours when cold.",
    zh: "可能限功率或禁止再生。检查插头,冷态时与相邻传感器对比。",
  },
  evap: {
    en: "Fuel cap first: seal and seat. Then hoses, purge valve and vent valve, with a smoke test.",
    zh: "先查油箱盖密封;再用烟雾测试检查管路、炭罐电磁阀和通风阀。",
  },
  egr: {
    en: "Look for soot and a sticking valve; compare commanded and measured position.",
    zh: "检查积炭和阀卡滞;对比目标开度与实际开度。",
  },
  "secondary-air": {
    en: "Only cold starts are affected. Listen for the pump; check fuse, relay, hoses and the valve for water.",
    zh: "仅影响冷起动。听气泵是否工作;查保险丝、继电器、软管及阀内是否进水。",
  },
  "particulate-filter": {
    en: "Read soot load and differential pressure; find out why it does not regenerate before forcing it.",
    zh: "读取碳载量和压差;强制再生前先查明不能再生的原因。",
  },
  reductant: {
    en: "The engine may be barred from starting later. Check level and quality of the urea, crystals at injector and lines.",
    zh: "之后可能禁止起动。检查尿素液位和浓度,喷嘴和管路是否结晶。",
  },
  "nox-sensor": {
    en: "Check supply and plug; look for exhaust leaks and water in the pipe before replacing the sensor.",
    zh: "检查供电和插头;更换前先查排气漏气和管内积水。",
  },
  // Cooling and climate
  "coolant-temperature": {
    en: "Watch the gauge: check coolant level, then compare the reading of the cold engine with the air.",
    zh: "注意水温表:先查冷却液液位,再将冷机读数与气温对比。",
  },
  thermostat: {
    en: "Watch the warm-up: a thermostat that stays open heats slowly. Coolant level first.",
    zh: "观察暖机过程:节温器常开则升温慢。先查冷却液液位。",
  },
  overheating: {
    en: "Switch off and let it cool; never open a hot system. Level, leaks, fan, pump, head gasket.",
    zh: "熄火冷却,热车严禁打开水箱盖。依次查液位、泄漏、风扇、水泵、缸垫。",
  },
  "coolant-pump": {
    en: "Watch the gauge and stop when it rises. Check fuse, plug and the pump's own noise.",
    zh: "注意水温,升高即停车。检查保险丝、插头,听水泵是否运转。",
  },
  "cooling-fan": {
    en: "Avoid jams and towing. Switch the fan on by tester; fuse, relay, motor, control module.",
    zh: "避免拥堵和拖挂。用诊断仪驱动风扇;查保险丝、继电器、电机、控制模块。",
  },
  "air-conditioning": {
    en: "Only cooling comfort is affected. Check refrigerant pressure, then plug and compressor supply.",
    zh: "仅影响空调。检查冷媒压力,再查插头和压缩机供电。",
  },
  // 12 V and control units
  "supply-voltage": {
    en: "Measure the battery at rest and with the engine on; check terminals, ground straps and generator.",
    zh: "分别在静态和着车时测量蓄电池电压;检查桩头、搭铁线和发电机。",
  },
  generator: {
    en: "The battery may run flat on the way. Measure charging voltage; belt, plug, control line.",
    zh: "途中可能亏电。测量充电电压;查皮带、插头、控制线。",
  },
  starter: {
    en: "The car may not start again. Check battery, relay, and the gear or clutch switch.",
    zh: "可能无法再次起动。检查蓄电池、继电器、空挡或离合器开关。",
  },
  "warning-lamp": {
    en: "A lamp or its wire is at fault, so it may hide another fault: read all control units.",
    zh: "指示灯或其线路故障,可能掩盖其他故障:请读取全部控制单元。",
  },
  "safety-lamp": {
    en: "This lamp cannot warn of a danger now: read its own control unit, then check lamp and wire.",
    zh: "该灯目前无法报警:先读取对应控制单元,再检查指示灯和线路。",
  },
  "control-unit": {
    en: "Check supply and ground of the unit and its software state before replacing it.",
    zh: "更换前先查该控制单元的供电、搭铁和软件版本。",
  },
  coding: {
    en: "Was a unit replaced or reprogrammed? Compare part numbers, coding and software.",
    zh: "是否更换或刷写过控制单元?核对零件号、编码和软件。",
  },
  "sensor-supply": {
    en: "One shorted sensor pulls the common supply down: unplug its consumers one by one.",
    zh: "某个传感器短路会拉低公共供电:逐个拔下插头排查。",
  },
  output: {
    en: "Check plug, wiring and the part that this output feeds.",
    zh: "检查插头、线束及该输出所驱动的部件。",
  },
  // Transmission
  "transmission-sensor": {
    en: "Check plug and fluid level; compare the signal with the other speeds or temperatures.",
    zh: "检查插头和油位;将信号与其他转速或温度对比。",
  },
  "transmission-valve": {
    en: "Expect limp mode. Fluid level and smell first, then plug and the solenoid's resistance.",
    zh: "可能进入跛行模式。先查油位和气味,再查插头和电磁阀电阻。",
  },
  "transmission-slip": {
    en: "Drive gently to the bay only. Fluid level, colour and smell; then pressure and adaptation values.",
    zh: "仅可缓慢开至工位。先查油位、颜色和气味,再查油压和自适应值。",
  },
  "transmission-hot": {
    en: "Stop and let it cool. Fluid level, cooler, and slip under load.",
    zh: "停车冷却。检查油位、油冷器及带载打滑。",
  },
  "transmission-fluid": {
    en: "Check level and condition of the fluid by the maker's procedure, and look for leaks.",
    zh: "按厂家方法检查油位和油质,并查泄漏。",
  },
  "gear-position": {
    en: "Use the parking brake: the car may start in gear or refuse to. Check lever, cable and range sensor.",
    zh: "务必拉驻车制动:可能带挡起动或无法起动。检查换挡杆、拉索和挡位传感器。",
  },
  clutch: {
    en: "Check pedal switch and travel, hydraulic fluid and the learnt biting point.",
    zh: "检查踏板开关和行程、液压油及离合器接合点自学习。",
  },
  "four-wheel-drive": {
    en: "Check that all tyres are of one size and wear, then switch and plug.",
    zh: "先确认四条轮胎规格和磨损一致,再查开关和插头。",
  },
  "transmission-control": {
    en: "Read the transmission's own codes; check supply, ground and network of its unit.",
    zh: "读取变速器控制单元自身故障码;查其供电、搭铁和网络。",
  },
  // High voltage
  "hv-isolation": {
    en: "Electric shock hazard: only a person qualified for high voltage goes on. Find by unplugging which unit lowers the insulation.",
    zh: "触电危险:仅限持证高压人员操作。逐个断开高压部件,查明绝缘下降的部位。",
  },
  "hv-interlock": {
    en: "A high-voltage plug or cover may be open: only a qualified person checks service plug, connectors and the loop.",
    zh: "高压插头或盖板可能未到位:仅限持证人员检查维修开关、接插件和互锁回路。",
  },
  "hv-contactor": {
    en: "Voltage may remain when the car is off: only a qualified person measures and checks the contactors.",
    zh: "断电后可能仍带高压:仅限持证人员测量并检查接触器。",
  },
  "hv-battery": {
    en: "Range and power drop. Read cell voltages, their spread and temperatures at rest and under load.",
    zh: "续航和功率下降。读取静态和带载时的单体电压、压差和温度。",
  },
  "hv-battery-sensor": {
    en: "Compare with the neighbouring readings; check plug and sense line (qualified person).",
    zh: "与相邻采样值对比;检查插头和采样线(持证人员)。",
  },
  "hv-battery-hot": {
    en: "Park outdoors, away from buildings, do not charge. Check coolant, pump, fan and cell temperatures.",
    zh: "停放在室外空旷处,禁止充电。检查冷却液、水泵、风扇和单体温度。",
  },
  "hv-cooling": {
    en: "Expect reduced power. Check coolant level, pump or fan, and dust in the battery's air duct.",
    zh: "可能限功率。检查冷却液液位、水泵或风扇,以及电池风道积尘。",
  },
  "drive-motor": {
    en: "The drive may cut out. Check plugs and resolver lines with the system switched off by a qualified person.",
    zh: "动力可能中断。由持证人员断电后检查插头和旋变线束。",
  },
  "drive-motor-hot": {
    en: "Let it cool. Check coolant level, pump and flow through motor and inverter.",
    zh: "停车冷却。检查冷却液液位、水泵及电机和逆变器水路。",
  },
  "dc-dc": {
    en: "The 12 V battery is not charged and the car may stop. Measure its voltage with the system on.",
    zh: "12 V 蓄电池得不到充电,车辆可能停驶。上电后测量其电压。",
  },
  // Chassis
  "wheel-speed": {
    en: "ABS and stability control are off. Check sensor, plug, tone ring and wheel bearing of this wheel.",
    zh: "ABS 和车身稳定功能失效。检查该轮传感器、插头、齿圈和轴承。",
  },
  abs: {
    en: "The base brake works without ABS. Check fuses, supply and ground of the hydraulic unit.",
    zh: "常规制动仍有效但无 ABS。检查液压单元的保险丝、供电和搭铁。",
  },
  "brake-system": {
    en: "Braking may be impaired: check fluid level, leaks, pedal feel and booster before moving the car.",
    zh: "制动可能受影响:移动车辆前检查制动液、泄漏、踏板感和助力器。",
  },
  "brake-wear": {
    en: "Measure pads and discs at all wheels; then sensor and plug.",
    zh: "测量各轮制动片和制动盘;再查传感器和插头。",
  },
  "brake-switch": {
    en: "Check that the stop lamps work and go out; then adjust or replace the switch.",
    zh: "先确认制动灯能点亮并熄灭;再调整或更换开关。",
  },
  stability: {
    en: "Stability control may be off. Check sensor mounting and plug; calibrate after any alignment.",
    zh: "稳定控制可能关闭。检查传感器安装和插头;四轮定位后需标定。",
  },
  steering: {
    en: "The steering may become heavy. Check 12 V supply, fluid or plug; calibrate the angle sensor.",
    zh: "转向可能变重。检查 12 V 供电、助力油或插头;标定转角传感器。",
  },
  "tyre-pressure": {
    en: "Measure and correct all tyre pressures cold, look for nails; then the wheel sensor's battery.",
    zh: "冷胎测量并校正全部胎压,查扎钉;再查胎压传感器电池。",
  },
  // Restraint
  airbag: {
    en: "Airbag or belt tensioner may not fire or fire wrongly. Battery off and wait before touching its plugs; never measure squibs.",
    zh: "气囊或预紧器可能不起爆或误起爆。断开蓄电池并等待后再碰插头;严禁测量点火管。",
  },
  "occupant-sensing": {
    en: "The airbag may be off for this seat. Check the plug under the seat and things put on or under it.",
    zh: "该座椅气囊可能被关闭。检查座椅下插头,以及座椅上下的杂物。",
  },
  // Network
  bus: {
    en: "Measure the bus at rest (60 ohms between its lines), then unplug units one by one.",
    zh: "静态测量总线电阻(两线间约 60 欧),再逐个断开控制单元。",
  },
  "lost-drive": {
    en: "Drive or charging may stop. Check fuse, supply, ground and plug of the unit that is silent.",
    zh: "动力或充电可能中断。检查失联控制单元的保险丝、供电、搭铁和插头。",
  },
  "lost-safety": {
    en: "A brake, steering or restraint function may be off. Check fuse, supply, ground and plug of the silent unit.",
    zh: "制动、转向或气囊功能可能失效。检查失联控制单元的保险丝、供电、搭铁和插头。",
  },
  "lost-comfort": {
    en: "A comfort function may be missing. Check fuse, supply, ground and plug of the silent unit.",
    zh: "某项舒适功能可能失效。检查失联控制单元的保险丝、供电、搭铁和插头。",
  },
  "bad-data": {
    en: "The named unit sends values that it doubts itself: read that unit's codes first.",
    zh: "被点名的控制单元发出的数据自身不可信:先读取该单元的故障码。",
  },
};
