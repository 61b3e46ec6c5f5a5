#include "libha/wire/frame.hpp"
