// The helper alone: what the remediator does with its argument, in a program that starts as fast as
// the real one does without sanitizers.
#include "remediator/reach/zookeeper_helper.hpp"

int main() {
  fieldmedic::run_zookeeper_helper();
}
