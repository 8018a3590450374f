#include <vl/slic.h>
