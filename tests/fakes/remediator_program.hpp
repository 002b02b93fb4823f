// The remediator's own program, which is also that of its helpers, and one of them alone.
#pragma once

namespace fieldmedic {

inline constexpr const char* kRemediator = FIELDMEDIC_BIN_DIR "/fieldmedic-remediator";
inline constexpr const char* kZookeeperHelper = FIELDMEDIC_BIN_DIR "/zookeeper_helper";

}  // namespace fieldmedic
